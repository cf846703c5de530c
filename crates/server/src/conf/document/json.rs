//! Where the values of a JSON text stand, which its parser does not tell.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::CharIndices;

use super::spot::{Field, Parts, Spot};
use super::{DocumentError, Place, Remark};
use serde_json::Value;

/// Reads a text. Of keys that stand twice the last counts, as in the reference, which is worth a remark.
pub(super) fn parse(text: &str) -> Result<(Value, Spot, Vec<Remark>), DocumentError> {
    let value = serde_json::from_str(text).map_err(|error| {
        let place = Place { line: error.line(), column: error.column().max(1) };
        let message = error.to_string();
        // It ends with the place.
        let what = message.rfind(" at line ").and_then(|at| message.get(..at)).unwrap_or(&message);
        DocumentError::at(what, place)
    })?;
    let mut scanner = Scanner { text, rest: text.char_indices().peekable(), line: 1, column: 1, remarks: Vec::new() };
    let spot = scanner.run().unwrap_or(Spot::leaf(Place { line: 1, column: 1 }));
    Ok((value, spot, scanner.remarks))
}

/// Goes through a text that is known to be JSON.
struct Scanner<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    line: usize,
    column: usize,
    remarks: Vec<Remark>,
}

/// A list or mapping that is not at its end.
struct Open {
    spot: Spot,
    key: Option<(String, Place)>,
}

impl Scanner<'_> {
    fn run(&mut self) -> Option<Spot> {
        let mut open: Vec<Open> = Vec::new();
        loop {
            let place = Place { line: self.line, column: self.column };
            let (at, c) = self.next()?;
            let done = match c {
                '{' | '[' => {
                    let parts = if c == '{' { Parts::Fields(BTreeMap::new()) } else { Parts::Items(Vec::new()) };
                    open.push(Open { spot: Spot { place, parts }, key: None });
                    continue;
                }
                '}' | ']' => open.pop()?.spot,
                '"' => {
                    self.string();
                    match open.last_mut() {
                        Some(Open { spot: Spot { parts: Parts::Fields(_), .. }, key: key @ None }) => {
                            let end = self.rest.peek().map_or(self.text.len(), |(end, _)| *end);
                            *key = Some((serde_json::from_str(self.text.get(at..end)?).ok()?, place));
                            continue;
                        }
                        _ => Spot::leaf(place),
                    }
                }
                ',' | ':' => continue,
                c if c.is_ascii_whitespace() => continue,
                _ => {
                    self.word();
                    Spot::leaf(place)
                }
            };
            let Some(parent) = open.last_mut() else { return Some(done) };
            match (&mut parent.spot.parts, parent.key.take()) {
                (Parts::Items(items), _) => items.push(done),
                (Parts::Fields(fields), Some((name, key))) => {
                    if fields.contains_key(&name) {
                        let what = format!("the key {name:?} stands twice, and only the last counts");
                        self.remarks.push(Remark { place: key, message: what });
                    }
                    fields.insert(name, Field { key, value: done });
                }
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Option<(usize, char)> {
        let (at, c) = self.rest.next()?;
        (self.line, self.column) = if c == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        Some((at, c))
    }

    /// Goes to the end of text, behind its first quote.
    fn string(&mut self) {
        while let Some((_, c)) = self.next() {
            match c {
                '"' => return,
                '\\' => _ = self.next(),
                _ => {}
            }
        }
    }

    /// Goes to the end of a number, `true`, `false` or `null`.
    fn word(&mut self) {
        let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        while self.rest.peek().is_some_and(|(_, c)| in_word(*c)) {
            self.next();
        }
    }
}
