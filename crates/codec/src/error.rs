use std::fmt;

use hat_event_types::{JsonError, TimestampError};

use crate::path::Path;

/// Why received bytes are not the expected value: what is wrong, at which byte, and in which field.
///
/// ```
/// use hat_event_codec::{MsgEventsNotify, Sbs};
///
/// let error = MsgEventsNotify::from_sbs_bytes(vec![0x81, 0x81, 0x82, 0x83, 0x81, 0xFF, 0, 0, 0].into()).unwrap_err();
/// assert_eq!(error.to_string(), "[0].type: invalid length at byte 5");
/// ```
#[derive(Clone, PartialEq)]
pub struct DecodeError(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    kind: DecodeErrorKind,
    offset: usize,
    path: Path,
}

/// What is wrong with received bytes.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The data stops before the value does.
    #[error("data ends inside {0}")]
    UnexpectedEnd(&'static str),
    /// Bytes follow the value: so many.
    #[error("{0} bytes follow the value")]
    TrailingBytes(usize),
    /// An integer does not fit into 64 bits.
    #[error("integer does not fit into 64 bits")]
    IntegerOverflow,
    /// A length or count is negative, or does not fit into 64 bits.
    #[error("invalid length")]
    InvalidLength,
    /// A string is not UTF-8.
    #[error("string is not UTF-8")]
    InvalidUtf8,
    /// A choice has no option of this index.
    #[error("choice {index} of {options} options")]
    InvalidChoice {
        /// The index that was received.
        index: i64,
        /// How many options there are; their indices begin at 0.
        options: usize,
    },
    /// A number that must not be negative is.
    #[error("{0} is negative")]
    Negative(i64),
    /// Seconds and microseconds are no timestamp.
    #[error(transparent)]
    Timestamp(#[from] TimestampError),
    /// A payload is not JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Records, choices and arrays are nested deeper than the limit.
    #[error("nested deeper than {0} levels")]
    TooDeep(usize),
    /// Arrays declare more items without content than the limit.
    #[error("more than {0} array items without content")]
    TooManyEmptyItems(usize),
}

impl DecodeError {
    /// An error at a byte, counted from the beginning of the data.
    #[cold]
    pub fn new(kind: DecodeErrorKind, offset: usize) -> Self {
        Self(Box::new(Inner { kind, offset, path: Path::default() }))
    }

    /// What is wrong.
    pub fn kind(&self) -> &DecodeErrorKind {
        &self.0.kind
    }

    /// At which byte, counted from the beginning of the data.
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// In which field, such as `events[17].payload.data`; empty if the whole value is meant.
    pub fn path(&self) -> String {
        self.0.path.to_string()
    }

    /// The same error, seen from the record or choice of which it concerns this field.
    #[cold]
    #[must_use]
    pub fn in_field(mut self, name: &str) -> Self {
        self.0.path.push_field(name);
        self
    }

    /// The same error, seen from the array of which it concerns this item.
    #[cold]
    #[must_use]
    pub fn in_item(mut self, index: usize) -> Self {
        self.0.path.push_item(index);
        self
    }

    /// The same error, seen from larger data in which the decoded bytes begin at `start`.
    #[cold]
    #[must_use]
    pub fn in_data_at(mut self, start: usize) -> Self {
        self.0.offset = self.0.offset.saturating_add(start);
        self
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, offset, path } = &*self.0;
        write!(f, "{}{kind} at byte {offset}", path.prefix())
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecodeError({self})")
    }
}

/// The kind is part of the text, so it is no source.
impl std::error::Error for DecodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_and_where() {
        let error = DecodeError::new(DecodeErrorKind::InvalidUtf8, 42);
        assert_eq!(error.to_string(), "string is not UTF-8 at byte 42");
        let error = error.in_field("data").in_field("payload").in_item(17).in_field("events");
        assert_eq!(error.to_string(), "events[17].payload.data: string is not UTF-8 at byte 42");
        assert_eq!(DecodeError::new(DecodeErrorKind::InvalidUtf8, 1).in_field("a").in_item(3).path(), "[3].a");
        assert_eq!(DecodeError::new(DecodeErrorKind::InvalidUtf8, 1).in_data_at(7).offset(), 8);
    }
}
