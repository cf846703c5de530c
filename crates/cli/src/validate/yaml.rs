//! YAML as PyYAML reads it, which the reference uses: grammar by a parser, meaning by the rules of YAML 1.1.

mod number;
mod scalar;

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag};
use scalar::Scalar;
use serde_json::{Map, Value};

use super::place;

/// How deep lists and mappings may be in each other, those that aliases repeat included.
const MAX_DEPTH: usize = 128;

/// How much may have anchors or be repeated by aliases in all: bytes of text, and one for each value.
const MAX_REPEATED: usize = 1 << 20;

/// Reads the one document of a text; no document is null.
///
/// What JSON cannot express is an error: dates, bytes, infinite numbers, keys that are not text, and a value that is in
/// itself. So are keys that stand twice.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let options = granit_parser::options! {
        // As PyYAML does.
        block_scalar_eof_without_line_feed: true,
        emit_anchor_events: true,
    };
    // Line breaks in YAML 1.1, and characters of text in YAML 1.2, which is the parser's grammar.
    if let Some((at, c)) = text.char_indices().find(|(_, c)| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}')) {
        let code = u32::from(c);
        let what = format!("U+{code:04X} is a line break to some parsers and not to others; write \"\\u{code:04x}\"");
        return Err(what + &place::of_byte(text, at));
    }
    let at = |marker: &Marker| place::place(marker.line(), marker.col() + 1);
    let mut composer = Composer::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|error| error.info() + &at(error.marker()))?;
        composer.event(event).map_err(|what| what + &at(&span.start))?;
    }
    Ok(composer.document.unwrap_or(Value::Null))
}

/// Makes a value of the events of a parser, without recursion.
#[derive(Default)]
struct Composer {
    /// The lists and mappings that are not at their end, each in the one before.
    open: Vec<Open>,
    document: Option<Value>,
    anchors: HashMap<usize, Node>,
    anchor_names: HashSet<String>,
    repeated: usize,
}

#[derive(Clone)]
struct Node {
    value: Value,
    /// As [`MAX_REPEATED`] counts.
    weight: usize,
    /// Of lists and mappings.
    depth: usize,
}

struct Open {
    items: Items,
    anchor: usize,
    weight: usize,
    depth: usize,
}

enum Items {
    List(Vec<Value>),
    Mapping { own: Map<String, Value>, merged: Map<String, Value>, key: Option<Key> },
}

enum Key {
    Text(String),
    Merge,
}

impl Composer {
    fn event(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::DocumentStart(..) if self.document.is_some() => Err("a second document begins".to_owned()),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style == ScalarStyle::Plain, anchor, tag.as_deref())
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "seq")?;
                self.open(Items::List(Vec::new()), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "map")?;
                self.open(Items::Mapping { own: Map::new(), merged: Map::new(), key: None }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Anchor(_, name) => match self.anchor_names.insert(name.to_string()) {
                true => Ok(()),
                false => Err(format!("the anchor &{name} stands twice")),
            },
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).ok_or("an alias of what is not at its end")?;
                if self.open.len() + node.depth > MAX_DEPTH {
                    return Err(too_deep());
                }
                spend(&mut self.repeated, node)?;
                let node = node.clone();
                self.place(node)
            }
            _ => Ok(()),
        }
    }

    fn scalar(&mut self, text: &str, plain: bool, anchor: usize, tag: Option<&Tag>) -> Result<(), String> {
        let key = match self.open.last_mut() {
            Some(Open { items: Items::Mapping { key: key @ None, .. }, .. }) => Some(key),
            _ => None,
        };
        let value = match (scalar::read(text, plain, tag)?, key) {
            (Scalar::Value(value), _) => value,
            (Scalar::Merge, Some(key)) => {
                *key = Some(Key::Merge);
                return Ok(());
            }
            (Scalar::Equals, Some(_)) => "=".into(),
            (Scalar::Merge | Scalar::Equals, None) => {
                return Err(format!("{text} has a meaning only as a key; quote it if it is text"));
            }
        };
        self.add(Node { value, weight: 1 + text.len(), depth: 0 }, anchor)
    }

    fn open(&mut self, items: Items, anchor: usize) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(too_deep());
        }
        self.open.push(Open { items, anchor, weight: 1, depth: 1 });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(Open { items, anchor, weight, depth }) = self.open.pop() else { return Ok(()) };
        let value = match items {
            Items::List(items) => Value::Array(items),
            Items::Mapping { own, mut merged, .. } => {
                merged.extend(own);
                Value::Object(merged)
            }
        };
        self.add(Node { value, weight, depth }, anchor)
    }

    /// Adds a value that may have an anchor; an anchor of 0 is none.
    fn add(&mut self, node: Node, anchor: usize) -> Result<(), String> {
        if anchor != 0 {
            spend(&mut self.repeated, &node)?;
            self.anchors.insert(anchor, node.clone());
        }
        self.place(node)
    }

    /// Puts a value where it belongs.
    fn place(&mut self, node: Node) -> Result<(), String> {
        let Some(open) = self.open.last_mut() else {
            self.document = Some(node.value);
            return Ok(());
        };
        open.weight += node.weight;
        open.depth = open.depth.max(node.depth + 1);
        match &mut open.items {
            Items::List(items) => items.push(node.value),
            Items::Mapping { own, merged, key } => match (key.take(), node.value) {
                (None, Value::String(text)) if own.contains_key(&text) => {
                    return Err(format!("the key {text:?} stands twice"));
                }
                (None, Value::String(text)) => *key = Some(Key::Text(text)),
                (None, other) => return Err(format!("a key is {}, and not text; quote it", kind(&other))),
                (Some(Key::Text(text)), value) => _ = own.insert(text, value),
                (Some(Key::Merge), Value::Object(map)) => merged.extend(map),
                (Some(Key::Merge), Value::Array(maps)) => {
                    // The first to have a key wins.
                    for map in maps.into_iter().rev() {
                        let Value::Object(map) = map else { return Err(no_merge(&map)) };
                        merged.extend(map);
                    }
                }
                (Some(Key::Merge), other) => return Err(no_merge(&other)),
            },
        }
        Ok(())
    }
}

/// A list or mapping has no tag but that of its kind.
fn check_tag(tag: Option<&Tag>, kind: &str) -> Result<(), String> {
    match tag {
        Some(tag) if !scalar::says_nothing(tag) && tag.core_suffix() != Some(kind) => Err(scalar::no_tag(tag)),
        _ => Ok(()),
    }
}

fn spend(repeated: &mut usize, node: &Node) -> Result<(), String> {
    *repeated += node.weight;
    if *repeated > MAX_REPEATED { Err("too much is repeated by aliases".to_owned()) } else { Ok(()) }
}

fn too_deep() -> String {
    format!("more than {MAX_DEPTH} lists and mappings in each other")
}

fn no_merge(value: &Value) -> String {
    format!("<< merges mappings, and this is {}", kind(value))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a Boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

#[cfg(test)]
mod tests;
