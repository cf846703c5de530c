use std::ops::Bound;

use hat_event_common::{EventId, OrderBy, Timestamp};

use super::log::Log;
use super::record::Record;

/// So many events lie in one piece of memory; few in tests, so that they have many pieces.
const CHUNK: usize = if cfg!(test) { 4 } else { 256 };

/// What orders events by time: none has the same as another.
pub(super) type TimeKey = (Timestamp, EventId);

/// Events in the order of one of their times.
///
/// An event that is the last in time, as nearly all are when they arrive, is put at the end and costs the same however
/// many there are. Any other has its chunk found, and moves half of it. Times lie beside the places, so that finding it looks
/// at no events but its neighbour.
#[derive(Debug)]
pub(super) struct TimeOrder {
    by: OrderBy,
    /// None of them empty.
    chunks: Vec<Chunk>,
    /// The last time of each chunk.
    ends: Vec<Timestamp>,
    last: Option<TimeKey>,
}

/// Events that follow one another.
#[derive(Debug, Default)]
struct Chunk {
    times: Vec<Timestamp>,
    /// Of the events in the log.
    places: Vec<usize>,
}

impl TimeOrder {
    pub(super) fn new(by: OrderBy) -> Self {
        Self { by, chunks: Vec::new(), ends: Vec::new(), last: None }
    }

    /// The greatest of all keys.
    pub(super) fn last(&self) -> Option<TimeKey> {
        self.last
    }

    /// Adds the event at a place, unless it has not the time that orders.
    pub(super) fn insert(&mut self, place: usize, record: &Record, records: &Log<Record>) {
        let Some(key) = record.time_key(self.by) else { return };
        if self.last.is_none_or(|last| last < key) {
            self.last = Some(key);
            return self.push(key.0, place);
        }
        let (number, at) = match self.behind_all_of(key.0) {
            // Ids mostly rise, so that it comes behind those of the same time.
            (number, at) if self.is_behind((number, at), key, records) => (number, at),
            _ => self.position(records, |other| other < key),
        };
        // There is one, as the last of all keys is not below this one.
        let Some(chunk) = self.chunks.get_mut(number) else { return };
        chunk.times.insert(at, key.0);
        chunk.places.insert(at, place);
        if chunk.places.len() > CHUNK {
            let half = chunk.places.len() / 2;
            let upper = Chunk { times: chunk.times.split_off(half), places: chunk.places.split_off(half) };
            let end = chunk.times.last().copied().unwrap_or(key.0);
            self.chunks.insert(number + 1, upper);
            self.ends.insert(number, end);
        }
    }

    /// Adds an event behind all others.
    fn push(&mut self, time: Timestamp, place: usize) {
        if self.chunks.last().is_none_or(|chunk| chunk.places.len() >= CHUNK) {
            // The first one grows as needed, the others are going to be full.
            let len = if self.chunks.is_empty() { 1 } else { CHUNK };
            self.chunks.push(Chunk { times: Vec::with_capacity(len), places: Vec::with_capacity(len) });
            self.ends.push(time);
        }
        if let (Some(chunk), Some(end)) = (self.chunks.last_mut(), self.ends.last_mut()) {
            chunk.times.push(time);
            chunk.places.push(place);
            *end = time;
        }
    }

    /// Where an event goes that comes behind all with the same time.
    fn behind_all_of(&self, time: Timestamp) -> (usize, usize) {
        // What is late is mostly little late: the end is looked at first, then ever more before it.
        let mut len = 1;
        while self.ends.len().checked_sub(len).and_then(|at| self.ends.get(at)).is_some_and(|end| *end > time) {
            len *= 2;
        }
        let begin = self.ends.len().saturating_sub(len);
        let number = begin + self.ends.get(begin..).unwrap_or_default().partition_point(|end| *end <= time);
        (number, self.chunks.get(number).map_or(0, |chunk| chunk.times.partition_point(|other| *other <= time)))
    }

    /// Whether what stands in front of a position is before a key.
    fn is_behind(&self, (number, at): (usize, usize), key: TimeKey, records: &Log<Record>) -> bool {
        let chunk = |number: usize| self.chunks.get(number);
        let before = match at.checked_sub(1) {
            Some(at) => chunk(number).and_then(|chunk| chunk.places.get(at)),
            None => number.checked_sub(1).and_then(chunk).and_then(|chunk| chunk.places.last()),
        };
        let before = before.and_then(|place| records.get(*place)?.time_key(self.by));
        before.is_none_or(|before| before < key)
    }

    /// Places of the events between two keys, in order.
    pub(super) fn range(
        &self,
        records: &Log<Record>,
        (from, to): (Bound<TimeKey>, Bound<TimeKey>),
    ) -> impl DoubleEndedIterator<Item = usize> {
        let (first, begin) = match from {
            Bound::Included(from) => self.position(records, |key| key < from),
            Bound::Excluded(from) => self.position(records, |key| key <= from),
            Bound::Unbounded => (0, 0),
        };
        let (last, end) = match to {
            Bound::Included(to) => self.position(records, |key| key <= to),
            Bound::Excluded(to) => self.position(records, |key| key < to),
            Bound::Unbounded => (self.chunks.len(), 0),
        };
        (first..last.saturating_add(1)).flat_map(move |number| {
            let chunk = self.chunks.get(number).map(|chunk| &*chunk.places).unwrap_or_default();
            let begin = if number == first { begin } else { 0 };
            let end = if number == last { end } else { chunk.len() };
            chunk.get(begin..end).unwrap_or_default().iter().copied()
        })
    }

    /// Where the first event lies whose key is not before something: the number of its chunk and its place there.
    fn position(&self, records: &Log<Record>, is_before: impl Fn(TimeKey) -> bool) -> (usize, usize) {
        let is_before =
            |place: &usize| records.get(*place).and_then(|record| record.time_key(self.by)).is_some_and(&is_before);
        let number = self.chunks.partition_point(|chunk| chunk.places.last().is_some_and(is_before));
        (number, self.chunks.get(number).map_or(0, |chunk| chunk.places.partition_point(is_before)))
    }
}
