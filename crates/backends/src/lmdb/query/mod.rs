//! Queries, answered from the file and the layers together.

mod raw;
mod server;
mod timeseries;

use bytes::{Bytes, BytesMut};
use hat_event_common::{BackendError, BoxError, DecodeError, Event, EventType, QueryResult, Reader, Sbs, Subscription};

pub(super) use raw::stored_type;
pub(super) use server::server;
pub(super) use timeseries::timeseries;

/// So many events of a layer are looked at before others may change it.
const PIECE: usize = 4096;

/// For so many events room is made before it is known how many a query finds.
const MAX_EXPECTED: usize = 1 << 13;

/// So many bytes are copied before they are read, but for a larger event.
const BUFFER: usize = 1 << 16;

/// The subscription of a query.
pub(super) fn subscription(query_types: Option<&[EventType]>) -> Result<Option<Subscription>, BackendError> {
    let subscription = query_types.map(|types| Subscription::new(types.iter().cloned())).transpose();
    subscription.map_err(|error| BackendError::InvalidQuery(error.into()))
}

/// How many events a page may have, and one more to see whether more follow.
fn page_len(asked: Option<u64>, most: u64) -> usize {
    usize::try_from(asked.unwrap_or(u64::MAX).min(most)).unwrap_or(usize::MAX).saturating_add(1)
}

/// What a query found, in order. What stands in the file is copied, and read some events at a time, while a cache has them.
#[derive(Debug)]
struct Found {
    events: Vec<Event>,
    /// How many were found, those that cannot be read included.
    count: usize,
    /// One more than a page may have.
    len: usize,
    /// Copies that are not read yet, and where each ends.
    buffer: BytesMut,
    ends: Vec<usize>,
    /// Why one could not be read.
    unreadable: Option<BoxError>,
}

impl Found {
    fn new(len: usize) -> Self {
        Self { events: Vec::new(), count: 0, len, buffer: BytesMut::new(), ends: Vec::new(), unreadable: None }
    }

    /// How many are still to be looked for: one more than a page may have says that more follow.
    fn missing(&self) -> usize {
        self.len.saturating_sub(self.count)
    }

    fn is_enough(&self) -> bool {
        self.missing() == 0
    }

    fn keep(&mut self, event: Event) {
        self.count += 1;
        if !self.is_enough() {
            self.read();
            self.events.push(event);
        }
    }

    fn store(&mut self, value: &[u8]) {
        self.count += 1;
        if self.is_enough() {
            return;
        }
        if self.buffer.len() + value.len() > self.buffer.capacity() {
            if !self.ends.is_empty() {
                // There may be as many as are asked for.
                self.events.reserve(self.len.min(MAX_EXPECTED).saturating_sub(self.events.len()));
                self.read();
            }
            self.buffer.reserve(BUFFER.max(value.len()));
        }
        self.buffer.extend_from_slice(value);
        self.ends.push(self.buffer.len());
    }

    /// Reads what was copied.
    fn read(&mut self) {
        if self.ends.is_empty() {
            return;
        }
        // The rest of its memory is used for what follows: events of layers may come between.
        let buffer = self.buffer.split().freeze();
        let (mut reader, mut offset, mut begin) = (Reader::new(buffer.clone()), 0, 0);
        for end in self.ends.drain(..) {
            match Event::decode(&mut reader) {
                Ok(event) if offset + reader.position() == end => self.events.push(event),
                // What is wrong with it, without what stands behind it.
                _ => {
                    match read_event(buffer.slice(begin..end)) {
                        Ok(event) => self.events.push(event),
                        Err(error) => self.unreadable = Some(error),
                    }
                    (reader, offset) = (Reader::new(buffer.slice(end..)), end);
                }
            }
            begin = end;
        }
    }

    /// Events that cannot be read are left out, unless nobody could go on behind an empty page.
    fn result(mut self) -> Result<QueryResult, BoxError> {
        self.read();
        let more_follows = self.is_enough();
        match self.unreadable {
            Some(error) if self.events.is_empty() && more_follows => return Err(error),
            Some(error) => tracing::warn!("events are left out of an answer: {error}"),
            None => {}
        }
        Ok(QueryResult { events: self.events, more_follows })
    }
}

/// Reads an event as it stands in the file.
pub(super) fn read_event(value: Bytes) -> Result<Event, BoxError> {
    let read = Event::from_sbs_bytes(value);
    read.map_err(|error: DecodeError| format!("the database has an event that cannot be read: {error}").into())
}

#[cfg(test)]
mod tests;
