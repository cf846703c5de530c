use std::collections::BTreeMap;

use hat_event_common::{
    BackendError, Event, EventId, EventPayload, InstanceId, OrderBy, QueryLatestParams, QueryResult, ServerId,
    SessionId,
};

use super::log::Log;
use super::query::subscription;
use super::record::Record;
use super::time_order::TimeOrder;
use super::types::{Hint, Known, Types};

/// Events, and every order in which they are asked for.
///
/// Events lie in the order of their arrival and never go: what there was at a time is what lies below a place.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) records: Log<Record>,
    pub(super) types: Types,
    /// Of each server the places of its events, which are in the order of ids.
    pub(super) servers: BTreeMap<ServerId, Log<usize>>,
    by_timestamp: TimeOrder,
    /// Without those that have no source timestamp.
    by_source_timestamp: TimeOrder,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            records: Log::default(),
            types: Types::default(),
            servers: BTreeMap::new(),
            by_timestamp: TimeOrder::new(OrderBy::Timestamp),
            by_source_timestamp: TimeOrder::new(OrderBy::SourceTimestamp),
        }
    }
}

impl Store {
    pub(super) fn last_event_id(&self, server: ServerId) -> EventId {
        let none = EventId { server, session: SessionId::MIN, instance: InstanceId::MIN };
        self.kept_last(server).unwrap_or(none)
    }

    /// Adds a batch, without those events that are known. `payloads` are those of the batch, in memory of their own.
    pub(super) fn add(&mut self, events: &[Event], mut payloads: impl Iterator<Item = EventPayload>) {
        // First all hints, then all numbers, for the reason given there.
        let hints = self.types.hints(events);
        let numbers = events.iter().zip(&hints).map(|(event, hint)| self.types.find(&event.event_type, *hint));
        let numbers: Vec<Option<usize>> = numbers.collect();
        let mut found = numbers.into_iter().zip(hints);

        for events in events.chunk_by(|one, next| one.id.server == next.id.server) {
            let Some(server) = events.first().map(|event| event.id.server) else { continue };
            let mut last = self.kept_last(server);
            let places = self.servers.entry(server).or_default();
            for (event, (number, hint)) in events.iter().zip(&mut found) {
                let payload = event.payload.as_ref().and_then(|_| payloads.next());
                if last.is_some_and(|last| event.id <= last) {
                    continue;
                }
                last = Some(event.id);
                let place = self.records.len();
                places.push(place);
                let event_type = set_latest(&mut self.types, &self.records, event, place, number, hint);
                let (id, timestamp, source_timestamp) = (event.id, event.timestamp, event.source_timestamp);
                let record = Record { id, timestamp, source_timestamp, event_type, payload };
                self.by_timestamp.insert(place, &record, &self.records);
                self.by_source_timestamp.insert(place, &record, &self.records);
                self.records.push(record);
            }
        }
    }

    fn kept_last(&self, server: ServerId) -> Option<EventId> {
        let last = self.servers.get(&server)?.last()?;
        self.records.get(*last).map(|record| record.id)
    }

    pub(super) fn time_order(&self, by: OrderBy) -> &TimeOrder {
        match by {
            OrderBy::Timestamp => &self.by_timestamp,
            OrderBy::SourceTimestamp => &self.by_source_timestamp,
        }
    }

    /// The event with an id.
    pub(super) fn find(&self, id: EventId) -> Option<&Record> {
        let places = self.servers.get(&id.server)?;
        let is_before = |place: &usize| self.records.get(*place).is_some_and(|record| record.id < id);
        let place = places.get(places.partition_point(is_before))?;
        self.records.get(*place).filter(|record| record.id == id)
    }

    pub(super) fn latest(&self, params: &QueryLatestParams) -> Result<QueryResult, BackendError> {
        let subscription = subscription(params.event_types.as_deref())?;
        let matches = |known: &&Known| subscription.as_ref().is_none_or(|s| s.matches(&known.event_type));
        let latest = self.types.iter().filter(matches).filter_map(|known| self.records.get(known.latest));
        Ok(QueryResult { events: latest.filter_map(|record| record.event(&self.types)).collect(), more_follows: false })
    }
}

/// Makes an event that is about to be kept the latest of its type, unless another follows it, and tells the type's number.
fn set_latest(
    types: &mut Types,
    records: &Log<Record>,
    event: &Event,
    place: usize,
    number: Option<usize>,
    hint: Hint,
) -> usize {
    let server = event.id.server;
    // It may have become known in this batch.
    let Some(number) = number.or_else(|| types.find(&event.event_type, hint)) else {
        return types.add(Known { event_type: event.event_type.detach(), latest: place, server }, hint);
    };
    if let Some(known) = types.get_mut(number) {
        // Of one server, the greater id is the later event.
        let other = records.get(known.latest).filter(|_| known.server != server);
        if other.is_none_or(|other| other.timestamp <= event.timestamp) {
            (known.latest, known.server) = (place, server);
        }
    }
    number
}
