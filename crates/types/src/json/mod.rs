//! JSON text of payloads: which text is accepted, and how values are written.

mod check;
mod finite;
mod scan;
mod write;

pub use check::{MAX_JSON_DEPTH, check_json};
pub use write::json_text;

/// Why text or a value is no JSON payload.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// The text is not accepted.
    #[error("{kind} at byte {position} of JSON text")]
    Text {
        /// What is wrong.
        kind: JsonErrorKind,
        /// Where it is wrong, in bytes from 0.
        position: usize,
    },
    /// A number is NaN or infinite.
    #[error("{0} has no JSON form")]
    NotFinite(f64),
    /// The value cannot be written as JSON, as its `Serialize` says.
    #[error("value has no JSON form: {0}")]
    Value(String),
}

/// What is wrong with JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum JsonErrorKind {
    /// The text stops before the value does.
    #[error("unexpected end")]
    UnexpectedEnd,
    /// A value was expected, and something else is there.
    #[error("expected a value")]
    ExpectedValue,
    /// The name of a member was expected, in quotes.
    #[error("expected a quoted name")]
    ExpectedName,
    /// A colon was expected behind a name.
    #[error("expected ':'")]
    ExpectedColon,
    /// A comma or the end of the array was expected.
    #[error("expected ',' or ']'")]
    ExpectedCommaOrBracket,
    /// A comma or the end of the object was expected.
    #[error("expected ',' or '}}'")]
    ExpectedCommaOrBrace,
    /// A digit was expected.
    #[error("expected a digit")]
    ExpectedDigit,
    /// A control character stands in a string; it needs an escape.
    #[error("control character in a string")]
    ControlCharacter,
    /// A backslash starts no escape that JSON knows.
    #[error("invalid escape")]
    InvalidEscape,
    /// A number with a fraction or an exponent is too large for a double.
    #[error("number overflows a double")]
    NumberOverflow,
    /// Arrays and objects are nested deeper than [`MAX_JSON_DEPTH`].
    #[error("nested deeper than {MAX_JSON_DEPTH} levels")]
    TooDeep,
    /// Something follows the value.
    #[error("unexpected text behind the value")]
    TrailingText,
}
