//! Documents as people write them: JSON, YAML or TOML, and where in them each value stands.

mod json;
mod place;
mod spot;
mod toml;
mod yaml;

use std::path::Path;
use std::str::FromStr;

use serde_json::Value;

pub use place::Place;
use spot::Spot;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, as RFC 8259 has it.
    Json,
    /// YAML 1.1, as PyYAML reads it.
    Yaml,
    /// TOML 1.0.
    Toml,
}

impl Format {
    /// The names of all formats.
    pub const NAMES: [&str; 3] = ["json", "yaml", "toml"];

    /// What the ending of a file says: `.json`, `.yaml`, `.yml` or `.toml`, as in the reference.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()? {
            "yml" => Some(Self::Yaml),
            name => name.parse().ok(),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormatError;

    fn from_str(name: &str) -> Result<Self, UnknownFormatError> {
        match name {
            "json" => Ok(Self::Json),
            "yaml" => Ok(Self::Yaml),
            "toml" => Ok(Self::Toml),
            _ => Err(UnknownFormatError(name.to_owned())),
        }
    }
}

/// A name that is none of [`Format::NAMES`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is none of the formats json, yaml, toml")]
pub struct UnknownFormatError(String);

/// A value, where its parts stand in the text that it was read from, and what of that text is to be looked at twice.
#[derive(Clone, Debug)]
pub struct Document {
    value: Value,
    /// `None` if there was no text.
    spot: Option<Spot>,
    remarks: Vec<Remark>,
}

/// What is right in a text, but may not be what its author meant: other readers would read something else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// Where it stands.
    pub place: Place,
    /// What it is here, and what elsewhere.
    pub message: String,
}

/// Why a text is no document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at {place}")]
pub struct DocumentError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Place,
}

impl DocumentError {
    fn at(message: &str, place: Place) -> Self {
        Self { message: message.to_owned(), place }
    }
}

impl Document {
    /// Reads a text.
    ///
    /// What plain text stands for in YAML is decided by the rules of YAML 1.1, as PyYAML has them and so the reference.
    ///
    /// # Errors
    ///
    /// If the text is not in that format, or has what JSON does not: dates, infinite numbers, keys that are not text.
    pub fn parse(text: &str, format: Format) -> Result<Self, DocumentError> {
        let (value, spot, remarks) = match format {
            Format::Json => json::parse(text)?,
            Format::Yaml => yaml::parse(text)?,
            Format::Toml => toml::parse(text).map(|(value, spot)| (value, spot, Vec::new()))?,
        };
        Ok(Self { value, spot: Some(spot), remarks })
    }

    /// What was read.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where the value stands that a JSON pointer (RFC 6901) leads to: its first character, or that of the alias that
    /// stands for it.
    pub fn place(&self, pointer: &str) -> Option<Place> {
        Some(self.spot.as_ref()?.find(pointer)?.place)
    }

    /// Where the key of that value stands, if it is in a mapping.
    pub fn key_place(&self, pointer: &str) -> Option<Place> {
        self.spot.as_ref()?.find_key(pointer)
    }

    /// What other readers would read differently, in the order of the text.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

/// A value that nobody wrote has no places.
impl From<Value> for Document {
    fn from(value: Value) -> Self {
        Self { value, spot: None, remarks: Vec::new() }
    }
}

#[cfg(test)]
mod tests;
