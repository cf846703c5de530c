use std::collections::{BTreeMap, HashMap, HashSet};

use granit_parser::{Event, ScalarStyle, Tag};
use serde_json::{Map, Value};

use super::scalar::{self, Scalar};
use super::{Place, Remark, Spot, core};
use crate::conf::document::spot::{Field, Parts};

/// How deep lists and mappings may be in each other, those that aliases repeat included.
pub(super) const MAX_DEPTH: usize = 128;

/// How much may have anchors or be repeated by aliases in all: bytes of text, and one for each value.
const MAX_REPEATED: usize = 1 << 20;

/// Makes a value of the events of a parser, without recursion.
#[derive(Default)]
pub(super) struct Composer {
    /// The lists and mappings that are not at their end, each in the one before.
    open: Vec<Open>,
    document: Option<Node>,
    anchors: HashMap<usize, Node>,
    anchor_names: HashSet<String>,
    repeated: usize,
    remarks: Vec<Remark>,
}

#[derive(Clone)]
struct Node {
    value: Value,
    spot: Spot,
    /// As [`MAX_REPEATED`] counts.
    weight: usize,
    /// Of lists and mappings.
    depth: usize,
}

struct Open {
    items: Items,
    place: Place,
    anchor: usize,
    weight: usize,
    depth: usize,
}

enum Items {
    List(Vec<Value>, Vec<Spot>),
    Mapping { own: Fields, merged: Fields, key: Option<Key> },
}

enum Key {
    Text(String, Place),
    Merge,
}

/// The fields of a mapping, and where they stand.
#[derive(Default)]
struct Fields {
    values: Map<String, Value>,
    spots: BTreeMap<String, Field>,
}

impl Fields {
    /// Adds those of another; where both have one, that of the other counts.
    fn extend(&mut self, other: Self) {
        self.values.extend(other.values);
        self.spots.extend(other.spots);
    }
}

impl Composer {
    /// What was read: a value, where it stands, and what others would read differently.
    pub(super) fn finish(self) -> (Value, Spot, Vec<Remark>) {
        match self.document {
            Some(node) => (node.value, node.spot, self.remarks),
            None => (Value::Null, Spot::leaf(Place { line: 1, column: 1 }), self.remarks),
        }
    }

    pub(super) fn event(&mut self, event: Event, place: Place) -> Result<(), String> {
        match event {
            Event::DocumentStart(..) if self.document.is_some() => Err("a second document begins".to_owned()),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style == ScalarStyle::Plain, anchor, tag.as_deref(), place)
            }
            Event::SequenceStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "seq")?;
                self.open(Items::List(Vec::new(), Vec::new()), anchor, place)
            }
            Event::MappingStart(_, anchor, tag) => {
                check_tag(tag.as_deref(), "map")?;
                let items = Items::Mapping { own: Fields::default(), merged: Fields::default(), key: None };
                self.open(items, anchor, place)
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
                let mut node = node.clone();
                node.spot.place = place;
                self.place(node)
            }
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        plain: bool,
        anchor: usize,
        tag: Option<&Tag>,
        place: Place,
    ) -> Result<(), String> {
        let key = match self.open.last_mut() {
            Some(Open { items: Items::Mapping { key: key @ None, .. }, .. }) => Some(key),
            _ => None,
        };
        let value = match (scalar::read(text, plain, tag)?, key) {
            (Scalar::Value(value), _) => {
                if plain && tag.is_none() {
                    self.remarks.extend(core::differs(text, &value).map(|message| Remark { place, message }));
                }
                value
            }
            (Scalar::Merge, Some(key)) => {
                let message = "<< merges mappings, and is a key like any other to a reader of YAML 1.2".to_owned();
                self.remarks.push(Remark { place, message });
                *key = Some(Key::Merge);
                return Ok(());
            }
            (Scalar::Equals, Some(_)) => "=".into(),
            (Scalar::Merge | Scalar::Equals, None) => {
                return Err(format!("{text} has a meaning only as a key; quote it if it is text"));
            }
        };
        self.add(Node { value, spot: Spot::leaf(place), weight: 1 + text.len(), depth: 0 }, anchor)
    }

    fn open(&mut self, items: Items, anchor: usize, place: Place) -> Result<(), String> {
        if self.open.len() == MAX_DEPTH {
            return Err(too_deep());
        }
        self.open.push(Open { items, place, anchor, weight: 1, depth: 1 });
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(Open { items, place, anchor, weight, depth }) = self.open.pop() else { return Ok(()) };
        let (value, parts) = match items {
            Items::List(values, spots) => (Value::Array(values), Parts::Items(spots)),
            Items::Mapping { own, mut merged, .. } => {
                merged.extend(own);
                (Value::Object(merged.values), Parts::Fields(merged.spots))
            }
        };
        self.add(Node { value, spot: Spot { place, parts }, weight, depth }, anchor)
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
            self.document = Some(node);
            return Ok(());
        };
        open.weight += node.weight;
        open.depth = open.depth.max(node.depth + 1);
        match &mut open.items {
            Items::List(values, spots) => {
                values.push(node.value);
                spots.push(node.spot);
            }
            Items::Mapping { own, merged, key } => match (key.take(), node.value) {
                (None, Value::String(text)) if own.values.contains_key(&text) => {
                    return Err(format!("the key {text:?} stands twice"));
                }
                (None, Value::String(text)) => *key = Some(Key::Text(text, node.spot.place)),
                (None, other) => return Err(format!("a key is {}, and not text; quote it", kind(&other))),
                (Some(Key::Text(text, key)), value) => {
                    own.values.insert(text.clone(), value);
                    own.spots.insert(text, Field { key, value: node.spot });
                }
                (Some(Key::Merge), value) => merge(merged, value, node.spot.parts)?,
            },
        }
        Ok(())
    }
}

/// Merges a mapping, or a list of some, of which the first to have a key counts.
fn merge(merged: &mut Fields, value: Value, parts: Parts) -> Result<(), String> {
    let (values, spots) = match (value, parts) {
        (Value::Array(values), Parts::Items(spots)) => (values, spots.into_iter().map(|spot| spot.parts).collect()),
        (value, parts) => (vec![value], vec![parts]),
    };
    for pair in values.into_iter().zip(spots).rev() {
        match pair {
            (Value::Object(values), Parts::Fields(spots)) => merged.extend(Fields { values, spots }),
            (other, _) => return Err(format!("<< merges mappings, and this is {}", kind(&other))),
        }
    }
    Ok(())
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

pub(super) fn too_deep() -> String {
    format!("more than {MAX_DEPTH} lists and mappings in each other")
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
