use std::path::Path;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use hat_event_server::conf::{Document, Format};

use crate::failure::Failure;
use crate::input;

/// Reads `json`, `yaml` or `toml` on the command line.
pub(crate) fn format() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::NAMES).try_map(|name| name.parse())
}

/// Reads a document, in the format that its ending says if none is given.
pub(crate) fn read(path: &Path, format: Option<Format>) -> Result<Document, Failure> {
    let format = format.or_else(|| Format::of(path)).ok_or_else(|| {
        Failure::input(path, "the ending is none of .json, .yaml, .yml, .toml; --format tells the format too")
    })?;
    Document::parse(&input::read_text(path)?, format).map_err(|error| Failure::input(path, error))
}
