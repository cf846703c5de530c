//! YAML as PyYAML reads it, which the reference uses: grammar by a parser, meaning by the rules of YAML 1.1.

mod composer;
mod core;
mod number;
mod scalar;
mod tabs;

use composer::Composer;
use granit_parser::{Marker, Parser};
use serde_json::Value;
use tabs::Tabs;

use super::place::Places;
use super::spot::Spot;
use super::{DocumentError, Place, Remark};

/// Reads the one document of a text; no document is null.
///
/// What JSON cannot express is an error: dates, bytes, infinite numbers, keys that are not text, and a value that is in
/// itself. So are keys that stand twice.
pub(super) fn parse(text: &str) -> Result<(Value, Spot, Vec<Remark>), DocumentError> {
    let options = granit_parser::options! {
        // As PyYAML does.
        block_scalar_eof_without_line_feed: true,
        emit_anchor_events: true,
    };
    // Line breaks in YAML 1.1, and characters of text in YAML 1.2, which is the parser's grammar.
    if let Some((at, c)) = text.char_indices().find(|(_, c)| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')) {
        let code = u32::from(c);
        let what = format!("U+{code:04X} is a line break to some parsers and not to others; write \"\\u{code:04x}\"");
        return Err(DocumentError::at(&what, Places::new(text).of(at)));
    }
    let (mut composer, mut tabs) = (Composer::default(), Tabs::new(text));
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| DocumentError::at(&error.info(), place(error.marker())))?;
        tabs.event(&event, &span);
        let at = place(&span.start);
        composer.event(event, at).map_err(|what| DocumentError::at(&what, at))?;
    }
    let (value, spot, mut remarks) = composer.finish();
    remarks.extend(tabs.remarks(text));
    remarks.sort();
    Ok((value, spot, remarks))
}

fn place(marker: &Marker) -> Place {
    Place { line: marker.line(), column: marker.col() + 1 }
}

#[cfg(test)]
mod tests;
