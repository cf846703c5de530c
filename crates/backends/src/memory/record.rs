use hat_event_common::{Event, EventId, EventPayload, OrderBy, Timestamp};

use super::time_order::TimeKey;
use super::types::Types;

/// What is kept of an event. Its type is kept once for all events of that type.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) id: EventId,
    pub(super) timestamp: Timestamp,
    pub(super) source_timestamp: Option<Timestamp>,
    /// Its number among the types.
    pub(super) event_type: usize,
    pub(super) payload: Option<EventPayload>,
}

impl Record {
    /// What orders the event by one of its times, if it has that.
    pub(super) fn time_key(&self, by: OrderBy) -> Option<TimeKey> {
        let time = match by {
            OrderBy::Timestamp => Some(self.timestamp),
            OrderBy::SourceTimestamp => self.source_timestamp,
        };
        time.map(|time| (time, self.id))
    }

    /// The event, which shares the memory that it is kept in.
    pub(super) fn event(&self, types: &Types) -> Option<Event> {
        Some(Event {
            id: self.id,
            event_type: types.get(self.event_type)?.event_type.clone(),
            timestamp: self.timestamp,
            source_timestamp: self.source_timestamp,
            payload: self.payload.clone(),
        })
    }
}
