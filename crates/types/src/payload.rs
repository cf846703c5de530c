use bytes::Bytes;
use bytestring::ByteString;
use serde::{Deserialize, Serialize};

use crate::{JsonError, check_json, json_text};

/// What is known about an event: bytes with a label, or JSON.
///
/// ```
/// use hat_event_types::EventPayload;
///
/// let payload = EventPayload::json(&("on", 3))?;
/// assert_eq!(payload.as_json().unwrap().text(), r#"["on", 3]"#);
/// let (state, count): (String, u32) = payload.parse()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EventPayload {
    /// Bytes with a label.
    Binary(EventPayloadBinary),
    /// JSON.
    Json(EventPayloadJson),
}

/// Bytes with a label that tells what they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct EventPayloadBinary {
    /// Tells what the bytes are; any text.
    pub binary_type: ByteString,
    /// The bytes, shared between clones.
    pub data: Bytes,
}

/// JSON text, kept as it was received and checked once.
///
/// The text is JSON as of RFC 8259, with what [`check_json`] accepts beyond it. What is forwarded therefore stays the same to
/// the byte, and numbers of any length survive. Payloads are equal if their texts are.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EventPayloadJson {
    text: ByteString,
}

/// Why a payload has no value of the wanted type.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// The payload is binary.
    #[error("payload is binary ({0:?}) and not JSON")]
    Binary(ByteString),
    /// The JSON is not of the wanted type, or deeper than 128 levels.
    #[error("payload is JSON of another form: {0}")]
    Json(serde_json::Error),
}

impl From<serde_json::Error> for PayloadError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl EventPayload {
    /// Makes a binary payload.
    pub fn binary(binary_type: impl Into<ByteString>, data: impl Into<Bytes>) -> Self {
        EventPayloadBinary { binary_type: binary_type.into(), data: data.into() }.into()
    }

    /// Makes a JSON payload of a value, with the text that the reference would write for it.
    ///
    /// # Errors
    ///
    /// As [`EventPayloadJson::from_value`].
    pub fn json<T: Serialize + ?Sized>(value: &T) -> Result<Self, JsonError> {
        EventPayloadJson::from_value(value).map(Self::Json)
    }

    /// The binary payload, if it is one.
    pub fn as_binary(&self) -> Option<&EventPayloadBinary> {
        match self {
            Self::Binary(binary) => Some(binary),
            Self::Json(_) => None,
        }
    }

    /// The JSON payload, if it is one.
    pub fn as_json(&self) -> Option<&EventPayloadJson> {
        match self {
            Self::Binary(_) => None,
            Self::Json(json) => Some(json),
        }
    }

    /// Reads a value out of a JSON payload.
    ///
    /// # Errors
    ///
    /// [`PayloadError::Binary`] if the payload is not JSON, else as [`EventPayloadJson::parse`].
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, PayloadError> {
        match self {
            Self::Binary(binary) => Err(PayloadError::Binary(binary.binary_type.clone())),
            Self::Json(json) => Ok(json.parse()?),
        }
    }
}

impl EventPayloadJson {
    /// Takes JSON text as it is.
    ///
    /// # Errors
    ///
    /// [`JsonError`] with the position, if it is not accepted by [`check_json`].
    pub fn from_text(text: impl Into<ByteString>) -> Result<Self, JsonError> {
        let text = text.into();
        check_json(&text)?;
        Ok(Self { text })
    }

    /// Writes a value as JSON text, the way the reference writes it; see [`json_text`].
    ///
    /// # Errors
    ///
    /// [`JsonError`] if the value has no JSON form that the reference could decode and encode again.
    pub fn from_value<T: Serialize + ?Sized>(value: &T) -> Result<Self, JsonError> {
        Self::from_text(json_text(value)?)
    }

    /// The text.
    pub fn text(&self) -> &ByteString {
        &self.text
    }

    /// Reads a value out of the text.
    ///
    /// # Errors
    ///
    /// An error of `serde_json` if the text is not of that form. Text that is accepted as payload may still be
    /// refused here: deeper than 128 levels, or with escapes of lone surrogates where text is wanted.
    pub fn parse<'a, T: Deserialize<'a>>(&'a self) -> Result<T, serde_json::Error> {
        serde_json::from_str(&self.text)
    }

    /// Takes text that was checked before.
    pub(crate) fn trusted(text: ByteString) -> Self {
        Self { text }
    }
}

impl From<EventPayloadBinary> for EventPayload {
    fn from(payload: EventPayloadBinary) -> Self {
        Self::Binary(payload)
    }
}

impl From<EventPayloadJson> for EventPayload {
    fn from(payload: EventPayloadJson) -> Self {
        Self::Json(payload)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn json_text_is_kept_as_received() {
        let text = " {\"a\" :1.50, \"a\":[]} ";
        let payload = EventPayloadJson::from_text(text).unwrap();
        assert_eq!(payload.text(), text);
        assert_eq!(payload.parse::<Value>().unwrap(), serde_json::json!({"a": []}));
    }

    #[test]
    fn what_parsing_cannot_do_is_an_error() {
        let payload = EventPayload::from(EventPayloadJson::from_text("\"\\ud800\"").unwrap());
        assert!(matches!(payload.parse::<String>(), Err(PayloadError::Json(_))));
        let deep = "[".repeat(500) + &"]".repeat(500);
        assert!(EventPayloadJson::from_text(deep).unwrap().parse::<Value>().is_err());
        let binary = EventPayload::binary("raw", &b"x"[..]);
        assert_eq!(binary.parse::<Value>().unwrap_err().to_string(), "payload is binary (\"raw\") and not JSON");
    }

    #[test]
    fn parsing_can_borrow_from_the_payload() {
        let payload = EventPayload::json("abc").unwrap();
        assert_eq!(payload.parse::<&str>().unwrap(), "abc");
    }
}
