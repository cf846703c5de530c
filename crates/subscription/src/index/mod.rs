//! Finds the query types that match an event type.
//!
//! Query types without wildcards are found by one hash of the whole event type. Query types with wildcards are put
//! together by shape (where their `?` are, where they end), so that for each shape one hash of the event type's other
//! segments finds them. The hash of a query type is the exclusive or of the hashes of its segments at their positions,
//! so one pass over the event type gives those of all shapes.
//!
//! Where there are many shapes it would cost too much to try each. So of every query type it is kept, for each of its
//! `?`, which segments stand before it; from there on down the shapes are tried only if those of the event type are
//! among them. With this, no more is tried than a tree of segments would.
//!
//! An index holds numbers, not query types. Hashes only propose: what is found is compared with the query type, which the
//! caller knows.

mod hash;
mod lookup;
mod shapes;
mod table;

use hat_event_types::Segments;

use self::hash::KeyMap;
use self::shapes::{Kind, Shapes};
use crate::matches::{ANY, REST};
use crate::slab::NONE;

pub(crate) use self::hash::Seed;
pub(crate) use self::table::Table;

/// Numbers by query types, which are given as packed event types.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    seed: Seed,
    /// Query types without wildcards, by the hash of all their bytes.
    exact: Table,
    /// Query types with wildcards, by their keys.
    wild: Table,
    shapes: Shapes,
    /// The ends of shapes of the numbers in `wild`.
    ends: Vec<u32>,
    /// For each `?` of a query type in `wild`, the key up to there, and how many query types have it.
    stems: KeyMap<u32>,
    /// No query type that was ever in `wild` has more segments before its end.
    longest: usize,
}

impl Index {
    pub(crate) fn new() -> Self {
        let seed = Seed::random();
        Self {
            seed,
            exact: Table::new(),
            wild: Table::new(),
            shapes: Shapes::new(seed),
            ends: Vec::new(),
            stems: KeyMap::default(),
            longest: 0,
        }
    }

    /// Adds a number for a query type, which must not have one.
    pub(crate) fn insert(&mut self, query_type: &[u8], number: u32) {
        if is_exact(query_type) {
            self.exact.insert(self.exact_key(query_type), number);
            return;
        }
        let mut node = Shapes::ROOT;
        for (kind, at, literals) in steps(self.seed, query_type) {
            node = self.shapes.enter(node, at, kind);
            let key = literals ^ self.shapes.get(node).map_or(0, |node| node.key);
            if kind == Kind::Any {
                *self.stems.entry(key).or_default() += 1;
            } else {
                self.wild.insert(key, number);
                self.longest = self.longest.max(at);
                let len = self.ends.len().max(number as usize + 1);
                self.ends.resize(len, NONE);
                if let Some(end) = self.ends.get_mut(number as usize) {
                    *end = node;
                }
            }
        }
    }

    /// The number of a query type. `text` tells the query type of a number.
    pub(crate) fn find<'a>(&self, query_type: &[u8], text: impl Fn(u32) -> Option<&'a [u8]>) -> Option<u32> {
        let is = |number| text(number) == Some(query_type);
        if is_exact(query_type) {
            return self.exact.find(self.exact_key(query_type), is);
        }
        let (_, key) = self.end(query_type, |_| {})?;
        self.wild.find(key, is)
    }

    /// Removes a number that was added for this query type.
    pub(crate) fn remove(&mut self, query_type: &[u8], number: u32) {
        if is_exact(query_type) {
            self.exact.remove(self.exact_key(query_type), number);
            return;
        }
        let mut stems = std::mem::take(&mut self.stems);
        let end = self.end(query_type, |stem| {
            if let Some(count) = stems.get_mut(&stem) {
                *count -= 1;
                if *count == 0 {
                    stems.remove(&stem);
                }
            }
        });
        self.stems = stems;
        if let Some((end, key)) = end {
            self.wild.remove(key, number);
            self.shapes.leave(end);
        }
    }

    /// The end of the shape of a query type and its key, if there is that shape. `stem` is told the keys up to each `?`.
    fn end(&self, query_type: &[u8], mut stem: impl FnMut(u64)) -> Option<(u32, u64)> {
        let mut node = Shapes::ROOT;
        let mut key = 0;
        for (kind, at, literals) in steps(self.seed, query_type) {
            node = self.shapes.child(node, at, kind)?;
            key = literals ^ self.shapes.get(node)?.key;
            if kind == Kind::Any {
                stem(key);
            }
        }
        Some((node, key))
    }

    /// How much there is of each kind: exact query types, others, shapes and stems.
    #[cfg(test)]
    pub(crate) fn sizes(&self) -> [usize; 4] {
        [self.exact.len(), self.wild.len(), self.shapes.len(), self.stems.len()]
    }

    fn exact_key(&self, packed: &[u8]) -> u64 {
        self.seed.text(u64::MAX, packed)
    }
}

/// Whether a query type has no wildcards.
fn is_exact(query_type: &[u8]) -> bool {
    let mut segments = Segments::of_packed(query_type).as_bytes();
    segments.all(|segment| segment != ANY && segment != REST)
}

/// The way of a query type through the shapes: each `?` and its end, with the key of the literal segments before.
fn steps(seed: Seed, query_type: &[u8]) -> impl Iterator<Item = (Kind, usize, u64)> {
    let mut segments = Segments::of_packed(query_type).as_bytes().enumerate();
    let len = segments.len();
    let mut literals = 0;
    let mut ended = false;
    std::iter::from_fn(move || {
        if ended {
            return None;
        }
        for (at, segment) in segments.by_ref() {
            match segment {
                ANY => return Some((Kind::Any, at, literals)),
                REST => {
                    ended = true;
                    return Some((Kind::Open, at, literals));
                }
                _ => literals ^= seed.text(at as u64, segment),
            }
        }
        ended = true;
        Some((Kind::Closed, len, literals))
    })
}
