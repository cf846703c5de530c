//! Finds the query types that match an event type.
//!
//! Query types without wildcards are found by one hash of all their bytes. The others are put together by shape: where
//! their `?` are, where they end, and whether with `*`. All of one shape are found with one look, by the segments that
//! stand where it has no `?`. In packet classification this is known as tuple space search (Srinivasan, Suri and
//! Varghese, 1999).
//!
//! The segments of query types with wildcards have numbers, so that such a query type is a row of numbers. The key of a
//! row is the exclusive or of the hashes of its segments at their places, so one pass over an event type gives its keys
//! for all shapes. Hashes only propose: what they find is compared.
//!
//! Where there are many shapes it would cost too much to try each. So of every query type it is kept, for each of its
//! `?`, which segments stand before it; where shapes are many, those below a `?` are tried only if the segments of the
//! event type are among them. With this, no more is tried than a tree of segments would.

mod bucket;
mod chunks;
mod exact;
mod hash;
mod lookup;
mod nodes;
mod rows;
mod segments;
mod shape;
mod shapes;
mod table;

use std::collections::HashMap;

use hat_event_types::Segments as Packed;

use self::exact::Exact;
use self::rows::ANY;
use self::segments::Segments;
use self::shape::Form;
use self::shapes::Shapes;
use crate::matches;
use crate::slab::NONE;

pub(crate) use self::hash::Seed;
pub(crate) use self::table::Table;

/// Query types, each with a number as its value.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    seed: Seed,
    exact: Exact,
    /// The segments of query types with wildcards.
    segments: Segments,
    shapes: Shapes,
    /// For each `?` of a query type the key of what stands before it, and how many query types have it.
    stems: HashMap<u64, u64, Seed>,
}

/// Where a query type is held, from when it is entered until it is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// [`NONE`] if it is exact.
    shape: u32,
    row: u32,
}

impl Index {
    pub(crate) fn new() -> Self {
        let seed = Seed::random();
        Self {
            seed,
            exact: Exact::new(seed),
            segments: Segments::new(seed),
            shapes: Shapes::new(),
            stems: HashMap::with_hasher(seed),
        }
    }

    /// The secret of all hashes here.
    pub(crate) fn seed(&self) -> Seed {
        self.seed
    }

    /// Makes room for so many more query types without wildcards.
    pub(crate) fn reserve_exact_types(&mut self, more: usize) {
        self.exact.reserve(more);
    }

    /// Finds the place of a query type, which is given as packed event type. It gets one if it has none, without a value.
    pub(crate) fn enter(&mut self, query_type: &[u8]) -> Place {
        if is_exact(query_type) {
            let hash = self.seed.event_type(query_type);
            let row = self.exact.find(hash, query_type).unwrap_or_else(|| self.exact.insert(hash, query_type));
            return Place { shape: NONE, row };
        }
        let texts = Packed::of_packed(query_type).as_bytes();
        let (mut numbers, mut any) = (Vec::with_capacity(texts.len()), Vec::new());
        let (mut key, mut open) = (0, false);
        for (at, text) in texts.enumerate() {
            match text {
                matches::ANY => {
                    any.push(at as u32);
                    numbers.push(ANY);
                }
                matches::REST => open = true,
                _ => {
                    let (number, hash) = self.segments.acquire(text);
                    key ^= self.seed.at(at, hash);
                    numbers.push(number);
                }
            }
        }
        let shape = self.shapes.enter(Form { len: numbers.len() as u32, open, any: any.into() });
        let Some(rows) = self.shapes.get_mut(shape).map(|shape| &mut shape.rows) else {
            return Place { shape, row: 0 };
        };
        if let Some(row) = rows.find(key, |held| held == numbers) {
            self.release(&numbers);
            return Place { shape, row };
        }
        let (seed, segments) = (self.seed, &self.segments);
        let row = rows.insert(key, &numbers, |numbers| key_of(seed, segments, numbers));
        stems(seed, segments, &numbers).for_each(|stem| *self.stems.entry(stem).or_default() += 1);
        Place { shape, row }
    }

    /// The value of a query type: [`NONE`] until there is one.
    pub(crate) fn value(&self, place: Place) -> u32 {
        match self.shapes.get(place.shape) {
            Some(shape) => shape.rows.value(place.row),
            None => self.exact.value(place.row),
        }
    }

    pub(crate) fn set_value(&mut self, place: Place, value: u32) {
        match self.shapes.get_mut(place.shape) {
            Some(shape) => shape.rows.set_value(place.row, value),
            None => self.exact.set_value(place.row, value),
        }
    }

    /// Forgets a query type.
    pub(crate) fn remove(&mut self, place: Place) {
        let Some(rows) = self.shapes.get_mut(place.shape).map(|shape| &mut shape.rows) else {
            return self.exact.remove(place.row);
        };
        let Some(numbers) = rows.segments(place.row).map(<[u32]>::to_vec) else { return };
        rows.remove(key_of(self.seed, &self.segments, &numbers), place.row);
        let unused = rows.is_empty();
        for stem in stems(self.seed, &self.segments, &numbers) {
            if let Some(count) = self.stems.get_mut(&stem) {
                *count -= 1;
                if *count == 0 {
                    self.stems.remove(&stem);
                }
            }
        }
        self.release(&numbers);
        if unused {
            self.shapes.remove(place.shape);
        }
    }

    fn release(&mut self, numbers: &[u32]) {
        numbers.iter().filter(|number| **number != ANY).for_each(|number| self.segments.release(*number));
    }

    /// How much there is of each kind: exact query types, segments, others, shapes, nodes between shapes, stems.
    #[cfg(test)]
    pub(crate) fn sizes(&self) -> [usize; 6] {
        let [shapes, rows, nodes] = self.shapes.sizes();
        [self.exact.len(), self.segments.len(), rows, shapes, nodes, self.stems.len()]
    }
}

fn is_exact(query_type: &[u8]) -> bool {
    let mut texts = Packed::of_packed(query_type).as_bytes();
    texts.all(|text| text != matches::ANY && text != matches::REST)
}

/// The key of a query type by the numbers of its segments.
fn key_of(seed: Seed, segments: &Segments, numbers: &[u32]) -> u64 {
    let literals = numbers.iter().enumerate().filter(|(_, number)| **number != ANY);
    literals.fold(0, |key, (at, number)| key ^ seed.at(at, segments.hash_of(*number)))
}

/// For each `?` of a query type, the key of all that stands before it.
fn stems(seed: Seed, segments: &Segments, numbers: &[u32]) -> impl Iterator<Item = u64> {
    let last = numbers.iter().rposition(|number| *number == ANY).map_or(0, |last| last + 1);
    let mut before = 0;
    numbers.iter().take(last).enumerate().filter_map(move |(at, number)| {
        let stem = before;
        before ^= if *number == ANY { any_key(seed, at) } else { seed.at(at, segments.hash_of(*number)) };
        (*number == ANY).then_some(stem)
    })
}

/// Stands for a `?` in keys of what stands before another one.
fn any_key(seed: Seed, at: usize) -> u64 {
    seed.at(at, 0)
}
