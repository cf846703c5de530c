use std::cmp::Ordering;
use std::collections::BTreeMap;

use hat_event_subscription::matches_query_type;
use hat_event_types::{
    Event, EventId, EventType, InstanceId, Order, OrderBy, QueryLatestParams, QueryServerParams, QueryTimeseriesParams,
    ServerId, SessionId, Timestamp,
};

/// What a backend that keeps all events has to answer: the slow way, straight from the words of the contract.
#[derive(Debug, Default)]
pub(super) struct Oracle {
    /// In the order of registration.
    pub(super) events: Vec<Event>,
}

impl Oracle {
    pub(super) fn of(batches: &[Vec<Event>]) -> Self {
        let mut oracle = Self::default();
        for batch in batches {
            oracle.register(batch);
        }
        oracle
    }

    pub(super) fn register(&mut self, batch: &[Event]) {
        for event in batch {
            if self.events.iter().all(|known| known.id.server != event.id.server || known.id < event.id) {
                self.events.push(event.clone());
            }
        }
    }

    pub(super) fn last_event_id(&self, server: ServerId) -> EventId {
        let none = EventId { server, session: SessionId::MIN, instance: InstanceId::MIN };
        self.events.iter().map(|event| event.id).filter(|id| id.server == server).max().unwrap_or(none)
    }

    /// The latest events, by their types.
    pub(super) fn latest(&self, params: &QueryLatestParams) -> BTreeMap<EventType, Event> {
        let mut latest = BTreeMap::<EventType, Event>::new();
        for event in self.events.iter().filter(|event| is_asked_for(event, params.event_types.as_deref())) {
            if latest.get(&event.event_type).is_none_or(|other| !other.follows(event)) {
                latest.insert(event.event_type.clone(), event.clone());
            }
        }
        latest
    }

    /// All events that match, in their order, as if there were no `max_results`.
    pub(super) fn timeseries(&self, params: &QueryTimeseriesParams) -> Vec<Event> {
        let time = |event: &Event| match params.order_by {
            OrderBy::Timestamp => Some(event.timestamp),
            OrderBy::SourceTimestamp => event.source_timestamp,
        };
        let within = |time: Option<Timestamp>, from: Option<Timestamp>, to: Option<Timestamp>| {
            (from.is_none() && to.is_none())
                || time.is_some_and(|t| from.is_none_or(|from| from <= t) && to.is_none_or(|to| t <= to))
        };
        let (from, to) = match params.order_by {
            OrderBy::Timestamp => (params.t_from, params.t_to),
            OrderBy::SourceTimestamp => (params.source_t_from, params.source_t_to),
        };

        let mut events: Vec<&Event> = self.events.iter().collect();
        events.retain(|event| time(event).is_some() && within(time(event), from, to));
        events.sort_by(|a, b| {
            let ascending = (time(a), a.id).cmp(&(time(b), b.id));
            if params.order == Order::Ascending { ascending } else { Ordering::reverse(ascending) }
        });
        if let Some(last) = params.last_event_id {
            let skip = events.iter().position(|event| event.id == last).map_or(events.len(), |at| at + 1);
            events.drain(..skip);
        }
        events.retain(|event| {
            is_asked_for(event, params.event_types.as_deref())
                && within(Some(event.timestamp), params.t_from, params.t_to)
                && within(event.source_timestamp, params.source_t_from, params.source_t_to)
        });
        events.into_iter().cloned().collect()
    }

    /// All events that match, in their order, as if there were no `max_results`.
    pub(super) fn server(&self, params: &QueryServerParams) -> Vec<Event> {
        let mut events = self.events.clone();
        events
            .retain(|event| event.id.server == params.server_id && params.last_event_id.is_none_or(|id| id < event.id));
        events.sort_by_key(|event| event.id);
        events
    }
}

fn is_asked_for(event: &Event, query_types: Option<&[EventType]>) -> bool {
    query_types.is_none_or(|types| types.iter().any(|query_type| matches_query_type(&event.event_type, query_type)))
}
