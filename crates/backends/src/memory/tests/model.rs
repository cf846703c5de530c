use std::cmp::Ordering;
use std::collections::BTreeMap;

use hat_event_common::{
    Event, EventType, Order, OrderBy, QueryLatestParams, QueryResult, QueryServerParams, QueryTimeseriesParams,
    Timestamp, matches_query_type,
};

/// What is kept, in the order of arrival.
#[derive(Default)]
pub(super) struct Model(pub(super) Vec<Event>);

impl Model {
    pub(super) fn add(&mut self, batch: &[Event]) {
        for event in batch {
            if self.0.iter().all(|known| known.id.server != event.id.server || known.id < event.id) {
                self.0.push(event.clone());
            }
        }
    }

    pub(super) fn latest(&self, params: &QueryLatestParams) -> BTreeMap<EventType, Event> {
        let mut latest = BTreeMap::<EventType, Event>::new();
        for event in self.0.iter().filter(|event| is_asked_for(event, params.event_types.as_deref())) {
            if latest.get(&event.event_type).is_none_or(|other| !other.follows(event)) {
                latest.insert(event.event_type.clone(), event.clone());
            }
        }
        latest
    }

    pub(super) fn timeseries(&self, params: &QueryTimeseriesParams) -> QueryResult {
        let time = |event: &Event| match params.order_by {
            OrderBy::Timestamp => Some(event.timestamp),
            OrderBy::SourceTimestamp => event.source_timestamp,
        };
        let (from, to) = match params.order_by {
            OrderBy::Timestamp => (params.t_from, params.t_to),
            OrderBy::SourceTimestamp => (params.source_t_from, params.source_t_to),
        };
        let mut events = self.0.clone();
        events.retain(|event| time(event).is_some() && is_within(time(event), from, to));
        events.sort_by_key(|event| (time(event), event.id));
        if params.order == Order::Descending {
            events.reverse();
        }
        if let Some(last) = params.last_event_id {
            let skip = events.iter().position(|event| event.id == last).map_or(events.len(), |at| at + 1);
            events.drain(..skip);
        }
        events.retain(|event| {
            is_asked_for(event, params.event_types.as_deref())
                && is_within(Some(event.timestamp), params.t_from, params.t_to)
                && is_within(event.source_timestamp, params.source_t_from, params.source_t_to)
        });
        page(events, params.max_results)
    }

    pub(super) fn server(&self, params: &QueryServerParams) -> QueryResult {
        let mut events = self.0.clone();
        events
            .retain(|event| event.id.server == params.server_id && params.last_event_id.is_none_or(|id| id < event.id));
        page(events, params.max_results)
    }
}

fn is_asked_for(event: &Event, query_types: Option<&[EventType]>) -> bool {
    query_types.is_none_or(|types| types.iter().any(|query_type| matches_query_type(&event.event_type, query_type)))
}

fn is_within(time: Option<Timestamp>, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    match time {
        Some(time) => {
            from.is_none_or(|from| time.cmp(&from) != Ordering::Less)
                && to.is_none_or(|to| time.cmp(&to) != Ordering::Greater)
        }
        None => from.is_none() && to.is_none(),
    }
}

fn page(mut events: Vec<Event>, max_results: Option<u64>) -> QueryResult {
    let max = max_results.map_or(usize::MAX, |max| max as usize);
    let more_follows = events.len() > max;
    events.truncate(max);
    QueryResult { events, more_follows }
}
