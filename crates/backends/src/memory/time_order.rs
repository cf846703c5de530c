use std::ops::Bound;

use hat_event_common::{EventId, OrderBy, Timestamp};

use super::log::Log;
use super::record::Record;

/// So many events lie in one piece of memory; few in tests, so that they have many pieces.
const CHUNK: usize = if cfg!(test) { 4 } else { 512 };

/// What orders events by time: none has the same as another.
pub(super) type TimeKey = (Timestamp, EventId);

/// Events in the order of one of their times.
///
/// An event that is the last in time, as nearly all are when they arrive, is put at the end and costs the same however
/// many there are. Any other has its chunk found, and moves half of it.
#[derive(Debug)]
pub(super) struct TimeOrder {
    by: OrderBy,
    /// Places of events in the log, no chunk without any.
    chunks: Vec<Vec<usize>>,
    last: Option<TimeKey>,
}

impl TimeOrder {
    pub(super) fn new(by: OrderBy) -> Self {
        Self { by, chunks: Vec::new(), last: None }
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
            match self.chunks.last_mut() {
                Some(chunk) if chunk.len() < CHUNK => chunk.push(place),
                // The first one grows as needed, the others are going to be full.
                None => self.chunks.push(vec![place]),
                Some(_) => {
                    let mut chunk = Vec::with_capacity(CHUNK);
                    chunk.push(place);
                    self.chunks.push(chunk);
                }
            }
            return;
        }
        let (number, at) = self.position(records, |other| other < key);
        // There is one, as the last of all keys is not below this one.
        let Some(chunk) = self.chunks.get_mut(number) else { return };
        chunk.insert(at, place);
        if chunk.len() > CHUNK {
            let upper = chunk.split_off(chunk.len() / 2);
            self.chunks.insert(number + 1, upper);
        }
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
            let chunk = self.chunks.get(number).map(Vec::as_slice).unwrap_or_default();
            let begin = if number == first { begin } else { 0 };
            let end = if number == last { end } else { chunk.len() };
            chunk.get(begin..end).unwrap_or_default().iter().copied()
        })
    }

    /// Where the first event lies whose key is not before something: the number of its chunk and its place there.
    fn position(&self, records: &Log<Record>, is_before: impl Fn(TimeKey) -> bool) -> (usize, usize) {
        let is_before =
            |place: &usize| records.get(*place).and_then(|record| record.time_key(self.by)).is_some_and(&is_before);
        let number = self.chunks.partition_point(|chunk| chunk.last().is_some_and(is_before));
        (number, self.chunks.get(number).map_or(0, |chunk| chunk.partition_point(is_before)))
    }
}
