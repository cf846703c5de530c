//! Formats of lines, in the three styles of Python.

mod attribute;
mod parse;
mod spec;

pub(super) use parse::Style;

use std::sync::LazyLock;
use std::time::Instant;

use attribute::{Attribute, Content};
use spec::Spec;

use super::local::Zone;
use super::record::Record;
use super::strftime::strftime;

/// When this process first thought of log lines, for `relativeCreated`.
static STARTED: LazyLock<(Instant, f64)> = LazyLock::new(|| {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (Instant::now(), since.as_secs_f64())
});

/// How a line is written.
#[derive(Clone, Debug)]
pub(super) struct Format {
    pieces: Vec<Piece>,
    /// For `asctime`; without it, date and time with milliseconds.
    datefmt: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Attribute(Attribute, Spec),
}

impl Default for Format {
    /// Nothing but the message.
    fn default() -> Self {
        Self { pieces: vec![Piece::Attribute(Attribute::Message, Spec::default())], datefmt: None }
    }
}

impl Format {
    /// Understands a format, and says what of it cannot be written as Python writes it.
    pub(super) fn new(style: Style, format: &str, datefmt: Option<String>) -> Result<(Self, Vec<String>), String> {
        LazyLock::force(&STARTED);
        let mut notes = Vec::new();
        let pieces = parse::parse(style, format, &mut notes)?;
        Ok((Self { pieces, datefmt: datefmt.filter(|format| !format.is_empty()) }, notes))
    }

    /// Appends a line, without its end.
    pub(super) fn write(&self, record: &Record, zone: &Zone, out: &mut String) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Attribute(Attribute::Asctime, spec) => {
                    spec.write(&Content::Text(self.asctime(record, zone).into()), out);
                }
                Piece::Attribute(attribute, spec) => spec.write(&attribute.of(record), out),
            }
        }
    }

    fn asctime(&self, record: &Record, zone: &Zone) -> String {
        let (at, mut text) = (zone.fields(record.created), String::new());
        match &self.datefmt {
            Some(format) => strftime(format, &at, &mut text),
            None => {
                strftime("%Y-%m-%d %H:%M:%S", &at, &mut text);
                text += &format!(",{:03}", record.msecs());
            }
        }
        text
    }
}
