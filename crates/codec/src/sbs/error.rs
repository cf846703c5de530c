use std::fmt;

use crate::path::Path;
use crate::{DecodeError, DecodeErrorKind, MAX_DEPTH, MAX_EMPTY_ITEMS};

/// Why a value does not go between [`crate::Data`] and bytes, or between Rust and [`crate::Data`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SbsError {
    /// The repository has no type of that name.
    #[error("there is no type {name:?}; types are {}", known.join(", "))]
    UnknownType {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The data is not of the type.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The bytes are not of the type.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The data is of the type, but not a value that exists, such as an id that is negative.
    #[error("{path}{}{kind}", if path.is_empty() { "" } else { ": " })]
    NoValue {
        /// In which field; empty if the whole value is meant.
        path: String,
        /// What is wrong.
        kind: DecodeErrorKind,
    },
}

/// Why data is not of a type: what is wrong, and in which field.
#[derive(Clone, PartialEq)]
pub struct EncodeError(Box<Inner>);

#[derive(Clone, Debug, PartialEq)]
struct Inner {
    kind: EncodeErrorKind,
    path: Path,
}

/// What is wrong with data that is to be encoded.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeErrorKind {
    /// The data is of another type.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// The type of the schema.
        expected: &'static str,
        /// What the data is.
        found: &'static str,
    },
    /// A record lacks a field.
    #[error("field {0:?} is missing")]
    MissingField(String),
    /// A record has a field that the schema does not know.
    #[error("there is no field {0:?}")]
    UnknownField(String),
    /// A record has a field more than once.
    #[error("field {0:?} is given twice")]
    RepeatedField(String),
    /// A choice has no option of this name.
    #[error("there is no option {name:?}; options are {}", known.join(", "))]
    UnknownOption {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// Records, choices and arrays are nested deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// Arrays have more items without content than [`MAX_EMPTY_ITEMS`].
    #[error("more than {MAX_EMPTY_ITEMS} array items without content")]
    TooManyEmptyItems,
}

impl EncodeError {
    /// What is wrong.
    pub fn kind(&self) -> &EncodeErrorKind {
        &self.0.kind
    }

    /// In which field, such as `events[17].payload.data`; empty if the whole value is meant.
    pub fn path(&self) -> String {
        self.0.path.to_string()
    }

    #[cold]
    pub(super) fn in_field(mut self, name: &str) -> Self {
        self.0.path.push_field(name);
        self
    }

    #[cold]
    pub(super) fn in_item(mut self, index: usize) -> Self {
        self.0.path.push_item(index);
        self
    }
}

impl From<EncodeErrorKind> for EncodeError {
    fn from(kind: EncodeErrorKind) -> Self {
        Self(Box::new(Inner { kind, path: Path::default() }))
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.path.prefix(), self.0.kind)
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EncodeError({self})")
    }
}

impl std::error::Error for EncodeError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0.kind)
    }
}
