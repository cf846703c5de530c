//! Configurations in YAML.

use std::fmt::Write as _;

use hat_event_interop::Random;
use hat_event_server::conf::{Document, Format};
use serde_json::json;

use crate::trial::{NEWEST, Trial, same};

#[test]
fn yaml_is_read_as_by_the_reference() {
    Trial {
        python: NEWEST,
        about: "yaml_document",
        make: |random| Writer { random, text: String::new(), anchors: Vec::new(), count: 0 }.document(),
        question: |text| json!({"text": text}),
        judge: |text, answer, differences| {
            let document = Document::parse(text, Format::Yaml);
            if let Some(name) = answer["difference"].as_str() {
                differences.note(name);
                return same("is refused", document.is_err(), true);
            }
            if answer.get("error").is_some() {
                return same("is refused", document.is_err(), true);
            }
            let document = document.map_err(|error| error.to_string())?;
            same("value", document.value(), &answer["value"])?;
            for place in answer["places"].as_array().into_iter().flatten() {
                let pointer = place[0].as_str().unwrap_or_default();
                let ours = document.place(pointer).map(|place| json!([pointer, place.line, place.column]));
                same("place", ours.as_ref(), Some(place))?;
            }
            Ok(())
        },
    }
    .run();
}

/// Plain text of which the rules of YAML 1.1 make something, or nearly do.
const WORDS: [&str; 42] = [
    "yes",
    "No",
    "ON",
    "off",
    "y",
    "n",
    "tRue",
    "true",
    "FALSE",
    "null",
    "~",
    "Null",
    "nUll",
    "017",
    "08",
    "0o17",
    "0x1F",
    "0b11",
    "1_000",
    "1:30",
    "1:60",
    "190:20:30",
    "1:30.5",
    "1e3",
    "1.5e+3",
    "-.5",
    ".5",
    "1.",
    "+12",
    ".inf",
    "-.INF",
    ".nan",
    "2026-01-01",
    "2026-1-1 1:02:03",
    "18446744073709551616",
    "-9223372036854775809",
    "0",
    "-0",
    "=",
    "a b",
    "127.0.0.1",
    "170141183460469231731687303715884105728",
];

/// Writes a document.
struct Writer<'a> {
    random: &'a mut Random,
    text: String,
    /// The names of what is at its end.
    anchors: Vec<usize>,
    count: usize,
}

impl Writer<'_> {
    fn document(mut self) -> String {
        if self.random.once_in(5) {
            self.text += self.random.pick(&["---\n", "# comment\n", "%YAML 1.1\n---\n", "\n"]);
        }
        self.block(0, 3);
        if self.random.once_in(20) {
            self.text += self.random.pick(&["...\n", "--- 1\n", "# end", "\n\n"]);
        }
        self.text
    }

    /// A list or mapping on lines of their own.
    fn block(&mut self, indent: usize, depth: usize) {
        let list = self.random.once_in(2);
        for i in 0..1 + self.random.below(4) {
            let blanks = " ".repeat(indent);
            if self.random.once_in(12) {
                _ = writeln!(self.text, "{blanks}# {i}: [");
            }
            self.text += &blanks;
            if list {
                self.text.push('-');
            } else {
                self.key(i);
            }
            if !list && self.random.once_in(15) {
                self.text.push_str(" 1\n");
                self.text += &blanks;
                self.merge();
                self.end();
            } else {
                self.value(indent, depth);
            }
        }
    }

    /// The key and its colon.
    fn key(&mut self, i: usize) {
        let word = self.random.pick(&WORDS);
        _ = match self.random.below(12) {
            // Often one that stands twice.
            0 => write!(self.text, "k0:"),
            1 => write!(self.text, "{word}:"),
            2 => write!(self.text, "'{word}{i}':"),
            3 => write!(self.text, "\"é/~{i}\":"),
            _ => write!(self.text, "k{i}:"),
        };
    }

    /// A key for what is to be merged, and that: nothing that another key hides and this project refuses.
    fn merge(&mut self) {
        self.text += "<<: ";
        if self.anchors.is_empty() || self.random.once_in(2) {
            self.text += self.random.pick(&[
                "{k0: 1, k9: 2}",
                "[{k1: 1}, {k1: 2, k8: x}]",
                "{}",
                "[]",
                "1",
                "[[]]",
                "{<<: {k2: 3}}",
            ]);
        } else {
            let anchor = self.random.pick(&self.anchors);
            _ = write!(self.text, "*a{anchor} ");
        }
    }

    /// What stands behind a sign or a key, to the end of the line, or on further lines.
    fn value(&mut self, indent: usize, depth: usize) {
        if depth > 0 && self.random.once_in(3) {
            let anchor = self.anchor();
            self.text.push('\n');
            let indent = indent + 1 + self.random.below(3);
            self.block(indent, depth - 1);
            self.anchors.extend(anchor);
            return;
        }
        match self.random.below(12) {
            0 => {
                let lines = self.random.list(3, |random| random.pick(&["a", "  b", "c: d", "# e", "", "\tf"]));
                self.text += self.random.pick(&[" |\n", " >\n", " |-\n", " >+\n"]);
                for line in [&["x"][..], &lines].concat() {
                    _ = writeln!(self.text, "{}{line}", " ".repeat(indent + 2));
                }
            }
            1 | 2 => {
                self.text.push(' ');
                self.flow(2);
                self.end();
            }
            _ => {
                let anchor = self.anchor();
                self.text.push(' ');
                self.scalar(false);
                self.anchors.extend(anchor);
                self.end();
            }
        }
    }

    fn end(&mut self) {
        self.text += self.random.pick(&["\n", "\n", "\n", " # comment\n", "\t# comment\n", "\n\n"]);
    }

    /// Names what follows.
    fn anchor(&mut self) -> Option<usize> {
        if !self.random.once_in(8) {
            return None;
        }
        self.count += 1;
        _ = write!(self.text, " &a{}", self.count);
        Some(self.count)
    }

    /// A value in brackets, or any other.
    fn flow(&mut self, depth: usize) {
        let list = self.random.once_in(2);
        self.text.push(if list { '[' } else { '{' });
        for i in 0..self.random.below(4) {
            if i > 0 {
                self.text += self.random.pick(&[", ", ",\n        ", " , "]);
            }
            if !list && self.random.once_in(15) {
                self.merge();
                continue;
            }
            if !list {
                self.key(i);
                self.text.push(' ');
            }
            if depth > 0 && self.random.once_in(3) {
                self.flow(depth - 1);
            } else {
                self.scalar(true);
            }
        }
        self.text.push(if list { ']' } else { '}' });
    }

    /// A scalar or an alias.
    fn scalar(&mut self, in_flow: bool) {
        let number = self.number();
        match self.random.below(12) {
            0 => {
                let text = self
                    .random
                    .text()
                    .replace('\'', "''")
                    .replace(|c: char| c.is_control() || "\u{85}\u{2028}\u{2029}\u{feff}".contains(c), "");
                _ = write!(self.text, "'{}'", text.trim());
            }
            1 => {
                self.text += self.random.pick(&[
                    "\"\\u0041\\x41\\n\"",
                    "\"\\\"\"",
                    "\"a\\\n              b\"",
                    "'it''s'",
                    "\"yes\"",
                    "''",
                ])
            }
            2 => {
                self.text += self.random.pick(&[
                    "!!str yes",
                    "!!str 017",
                    "!!int 12",
                    "!!bool on",
                    "!!null ~",
                    "!!float 1.5",
                    "!!set {}",
                    "!x 1",
                ])
            }
            3 if !self.anchors.is_empty() => {
                let anchor = self.random.pick(&self.anchors);
                // The space keeps a comma from being part of its name.
                _ = write!(self.text, "*a{anchor}{}", if in_flow { " " } else { "" });
            }
            4..=7 => self.text += &number,
            _ => self.text += self.random.pick(&WORDS),
        }
    }

    /// What is nearly a number.
    fn number(&mut self) -> String {
        let mut number = self.random.pick(&["", "", "-", "+", "0", "0x", "0b", "."]).to_owned();
        for _ in 0..1 + self.random.below(6) {
            number += self
                .random
                .pick(&["0", "1", "5", "9", "7", "_", "00", "59", ":0", ":30", ":5", ".", "e+1", "e", "E-2", "A"]);
        }
        // Where text begins with a sign of YAML or ends with a colon, parsers differ.
        if number.starts_with(['_', ':']) || number == "." { format!("1{number}") } else { number }
    }
}
