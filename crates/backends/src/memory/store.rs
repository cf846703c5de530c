use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use hat_event_common::{
    BackendError, Event, EventId, EventType, InstanceId, Order, OrderBy, QueryLatestParams, QueryResult,
    QueryServerParams, QueryTimeseriesParams, ServerId, SessionId, Subscription, Timestamp,
};

/// Events, and every order in which they are asked for.
#[derive(Debug, Default)]
pub(super) struct Store {
    by_id: BTreeMap<EventId, Arc<Event>>,
    by_timestamp: TimeIndex,
    /// Without those that have no source timestamp.
    by_source_timestamp: TimeIndex,
    latest: HashMap<EventType, Arc<Event>>,
}

type TimeIndex = BTreeMap<(Timestamp, EventId), Arc<Event>>;

impl Store {
    pub(super) fn last_event_id(&self, server: ServerId) -> EventId {
        let (first, last) = ids_of(server);
        self.by_id.range(first..=last).next_back().map_or(first, |(id, _)| *id)
    }

    /// Adds a batch, without those events that are known.
    pub(super) fn add(&mut self, events: Vec<Arc<Event>>) {
        for event in events {
            if self.by_id.range(event.id..=ids_of(event.id.server).1).next().is_some() {
                continue;
            }
            self.by_timestamp.insert((event.timestamp, event.id), Arc::clone(&event));
            if let Some(source_timestamp) = event.source_timestamp {
                self.by_source_timestamp.insert((source_timestamp, event.id), Arc::clone(&event));
            }
            if self.latest.get(&event.event_type).is_none_or(|other| !other.follows(&event)) {
                self.latest.insert(event.event_type.clone(), Arc::clone(&event));
            }
            self.by_id.insert(event.id, event);
        }
    }

    pub(super) fn latest(&self, params: &QueryLatestParams) -> Result<QueryResult, BackendError> {
        let subscription = subscription(params.event_types.as_deref())?;
        let matches = |event: &&Arc<Event>| subscription.as_ref().is_none_or(|s| s.matches(&event.event_type));
        Ok(page(self.latest.values().filter(matches), None))
    }

    pub(super) fn timeseries(&self, params: &QueryTimeseriesParams) -> Result<QueryResult, BackendError> {
        let subscription = subscription(params.event_types.as_deref())?;
        let (index, from, to) = match params.order_by {
            OrderBy::Timestamp => (&self.by_timestamp, params.t_from, params.t_to),
            OrderBy::SourceTimestamp => (&self.by_source_timestamp, params.source_t_from, params.source_t_to),
        };
        let from = (from.unwrap_or(Timestamp::MIN), ids_of(ServerId::MIN).0);
        let to = (to.unwrap_or(Timestamp::MAX), ids_of(ServerId::MAX).1);
        if from > to {
            return Ok(QueryResult::default());
        }
        let mut bounds = (Bound::Included(from), Bound::Included(to));
        if let Some(id) = params.last_event_id {
            let time = self.by_id.get(&id).and_then(|event| match params.order_by {
                OrderBy::Timestamp => Some(event.timestamp),
                OrderBy::SourceTimestamp => event.source_timestamp,
            });
            let Some(last) = time.map(|time| (time, id)).filter(|last| (from..=to).contains(last)) else {
                return Ok(QueryResult::default());
            };
            match params.order {
                Order::Ascending => bounds.0 = Bound::Excluded(last),
                Order::Descending => bounds.1 = Bound::Excluded(last),
            }
        }

        let matches = |event: &&Arc<Event>| {
            is_within(Some(event.timestamp), params.t_from, params.t_to)
                && is_within(event.source_timestamp, params.source_t_from, params.source_t_to)
                && subscription.as_ref().is_none_or(|s| s.matches(&event.event_type))
        };
        let events = index.range(bounds).map(|(_, event)| event);
        Ok(match params.order {
            Order::Ascending => page(events.filter(matches), params.max_results),
            Order::Descending => page(events.rev().filter(matches), params.max_results),
        })
    }

    pub(super) fn server(&self, params: &QueryServerParams) -> Result<QueryResult, BackendError> {
        let (first, last) = ids_of(params.server_id);
        let from = match params.last_event_id {
            None => Bound::Included(first),
            Some(id) if id.server == params.server_id => Bound::Excluded(id),
            Some(id) => {
                let text = format!("the last event id is of server {}, not {}", id.server, params.server_id);
                return Err(BackendError::InvalidQuery(text.into()));
            }
        };
        let events = self.by_id.range((from, Bound::Included(last)));
        Ok(page(events.map(|(_, event)| event), params.max_results))
    }
}

/// The smallest and the greatest id of a server.
fn ids_of(server: ServerId) -> (EventId, EventId) {
    let id = |session, instance| EventId { server, session, instance };
    (id(SessionId::MIN, InstanceId::MIN), id(SessionId::MAX, InstanceId::MAX))
}

fn subscription(query_types: Option<&[EventType]>) -> Result<Option<Subscription>, BackendError> {
    let subscription = query_types.map(|types| Subscription::new(types.iter().cloned())).transpose();
    subscription.map_err(|error| BackendError::InvalidQuery(error.into()))
}

/// Whether a time lies between two bounds; without a time, only if there are no bounds.
fn is_within(time: Option<Timestamp>, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    match time {
        Some(time) => from.is_none_or(|from| from <= time) && to.is_none_or(|to| time <= to),
        None => from.is_none() && to.is_none(),
    }
}

fn page<'a>(mut events: impl Iterator<Item = &'a Arc<Event>>, max_results: Option<u64>) -> QueryResult {
    let max_results = max_results.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
    let page = events.by_ref().take(max_results).map(|event| Event::clone(event)).collect();
    QueryResult { events: page, more_follows: events.next().is_some() }
}
