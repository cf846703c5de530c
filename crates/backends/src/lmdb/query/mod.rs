//! Queries, answered from the file and the layers together.

mod raw;
mod server;
mod timeseries;

use bytes::Bytes;
use hat_event_common::{BackendError, BoxError, DecodeError, Event, EventType, QueryResult, Sbs, Subscription};

pub(super) use raw::stored_type;
pub(super) use server::server;
pub(super) use timeseries::timeseries;

/// So many events of a layer are looked at before others may change it.
const PIECE: usize = 4096;

/// So many bytes are made room for before it is known how many a query finds.
const MAX_EXPECTED: usize = 1 << 20;

/// The subscription of a query.
pub(super) fn subscription(query_types: Option<&[EventType]>) -> Result<Option<Subscription>, BackendError> {
    let subscription = query_types.map(|types| Subscription::new(types.iter().cloned())).transpose();
    subscription.map_err(|error| BackendError::InvalidQuery(error.into()))
}

/// How many events a page may have, and one more to see whether more follow.
fn page_len(asked: Option<u64>, most: u64) -> usize {
    usize::try_from(asked.unwrap_or(u64::MAX).min(most)).unwrap_or(usize::MAX).saturating_add(1)
}

/// What a query found, in order: events of layers, and copies of what stands in the file, all in one buffer.
#[derive(Debug, Default)]
struct Found {
    events: Vec<FoundEvent>,
    buffer: Vec<u8>,
    /// So many there may be.
    expected: usize,
}

#[derive(Debug)]
enum FoundEvent {
    /// In a box, as there are few: what is stored needs little room.
    Kept(Box<Event>),
    /// Where its bytes end in the buffer; they begin where those of the one before end.
    Stored(usize),
}

impl Found {
    fn new(expected: usize) -> Self {
        Self { expected, ..Self::default() }
    }

    fn len(&self) -> usize {
        self.events.len()
    }

    fn keep(&mut self, event: Event) {
        self.events.push(FoundEvent::Kept(Box::new(event)));
    }

    fn store(&mut self, value: &[u8]) {
        if self.buffer.capacity() == 0 {
            // Events are mostly about as long as each other.
            self.buffer.reserve(value.len().saturating_mul(self.expected).min(MAX_EXPECTED));
        }
        self.buffer.extend_from_slice(value);
        self.events.push(FoundEvent::Stored(self.buffer.len()));
    }

    /// The first `len - 1` events; one more says that more follow. Events that cannot be read are left out, unless nobody
    /// could go on behind an empty page.
    fn result(mut self, len: usize) -> Result<QueryResult, BoxError> {
        let more_follows = self.events.len() >= len;
        self.events.truncate(len.saturating_sub(1));
        let buffer = Bytes::from(self.buffer);
        let mut begin = 0;
        let mut unreadable = None;
        let mut events = Vec::with_capacity(self.events.len());
        for found in self.events {
            match found {
                FoundEvent::Kept(event) => events.push(*event),
                FoundEvent::Stored(end) => match read_event(buffer.slice(std::mem::replace(&mut begin, end)..end)) {
                    Ok(event) => events.push(event),
                    Err(error) => unreadable = Some(error),
                },
            }
        }
        match unreadable {
            Some(error) if events.is_empty() && more_follows => return Err(error),
            Some(error) => tracing::warn!("events are left out of an answer: {error}"),
            None => {}
        }
        Ok(QueryResult { events, more_follows })
    }
}

/// Reads an event as it stands in the file.
pub(super) fn read_event(value: Bytes) -> Result<Event, BoxError> {
    let read = Event::from_sbs_bytes(value);
    read.map_err(|error: DecodeError| format!("the database has an event that cannot be read: {error}").into())
}
