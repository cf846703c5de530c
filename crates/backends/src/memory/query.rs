use std::ops::Bound;

use hat_event_common::{
    BackendError, EventId, EventType, InstanceId, Order, OrderBy, QueryResult, QueryServerParams,
    QueryTimeseriesParams, ServerId, SessionId, Subscription, Timestamp,
};

use super::log::Log;
use super::record::Record;
use super::store::Store;
use super::time_order::TimeKey;

/// So many events a query looks at before others have their turn.
const PIECE: usize = if cfg!(test) { 3 } else { 4096 };

/// The smallest and the greatest of ids.
const FIRST: EventId = EventId { server: ServerId::MIN, session: SessionId::MIN, instance: InstanceId::MIN };
const LAST: EventId = EventId { server: ServerId::MAX, session: SessionId::MAX, instance: InstanceId::MAX };

/// A query by time, piece by piece.
#[derive(Debug)]
pub(super) struct TimeseriesQuery<'a> {
    params: &'a QueryTimeseriesParams,
    subscription: Option<Subscription>,
    bounds: (Bound<TimeKey>, Bound<TimeKey>),
    /// How many events there were when it began: it sees no others.
    known: Option<usize>,
    page: Page,
}

impl<'a> TimeseriesQuery<'a> {
    pub(super) fn new(params: &'a QueryTimeseriesParams) -> Result<Self, BackendError> {
        let subscription = subscription(params.event_types.as_deref())?;
        let bounds = (Bound::Unbounded, Bound::Unbounded);
        Ok(Self { params, subscription, bounds, known: None, page: Page::new(params.max_results) })
    }

    /// Looks at the next events, and tells whether that was all.
    pub(super) fn advance(&mut self, store: &Store) -> bool {
        let known = match self.known {
            Some(known) => known,
            None => {
                let Some(bounds) = self.first_bounds(store) else { return true };
                self.bounds = bounds;
                *self.known.insert(store.records.len())
            }
        };
        let mut places = store.time_order(self.params.order_by).range(&store.records, self.bounds);
        for _ in 0..PIECE {
            let place = match self.params.order {
                Order::Ascending => places.next(),
                Order::Descending => places.next_back(),
            };
            let Some((place, record)) = place.and_then(|place| Some((place, store.records.get(place)?))) else {
                return true;
            };
            if let Some(key) = record.time_key(self.params.order_by) {
                match self.params.order {
                    Order::Ascending => self.bounds.0 = Bound::Excluded(key),
                    Order::Descending => self.bounds.1 = Bound::Excluded(key),
                }
            }
            if place < known && self.matches(record, store) && self.page.add(record, store) {
                return true;
            }
        }
        false
    }

    pub(super) fn result(self) -> QueryResult {
        self.page.result
    }

    /// Between which events it looks, if there can be any.
    fn first_bounds(&self, store: &Store) -> Option<(Bound<TimeKey>, Bound<TimeKey>)> {
        let (from, to) = match self.params.order_by {
            OrderBy::Timestamp => (self.params.t_from, self.params.t_to),
            OrderBy::SourceTimestamp => (self.params.source_t_from, self.params.source_t_to),
        };
        let from = (from.unwrap_or(Timestamp::MIN), FIRST);
        let to = (to.unwrap_or(Timestamp::MAX), LAST);
        // Not beyond what there is now: it would run after those who add.
        let to = to.min(store.time_order(self.params.order_by).last()?);
        if from > to {
            return None;
        }
        let bounds = (Bound::Included(from), Bound::Included(to));
        let Some(id) = self.params.last_event_id else { return Some(bounds) };
        let last = store.find(id)?.time_key(self.params.order_by)?;
        (from..=to).contains(&last).then_some(match self.params.order {
            Order::Ascending => (Bound::Excluded(last), bounds.1),
            Order::Descending => (bounds.0, Bound::Excluded(last)),
        })
    }

    fn matches(&self, record: &Record, store: &Store) -> bool {
        let params = self.params;
        is_within(Some(record.timestamp), params.t_from, params.t_to)
            && is_within(record.source_timestamp, params.source_t_from, params.source_t_to)
            && self.subscription.as_ref().is_none_or(|subscription| {
                store.types.get(record.event_type).is_some_and(|known| subscription.matches(&known.event_type))
            })
    }
}

/// A query by server, piece by piece.
#[derive(Debug)]
pub(super) struct ServerQuery<'a> {
    params: &'a QueryServerParams,
    /// Where it goes on among the events of the server, and how many these were when it began: it sees no others.
    rest: Option<(usize, usize)>,
    page: Page,
}

impl<'a> ServerQuery<'a> {
    pub(super) fn new(params: &'a QueryServerParams) -> Result<Self, BackendError> {
        if let Some(id) = params.last_event_id.filter(|id| id.server != params.server_id) {
            let text = format!("the last event id is of server {}, not {}", id.server, params.server_id);
            return Err(BackendError::InvalidQuery(text.into()));
        }
        Ok(Self { params, rest: None, page: Page::new(params.max_results) })
    }

    /// Looks at the next events, and tells whether that was all.
    pub(super) fn advance(&mut self, store: &Store) -> bool {
        let Some(places) = store.servers.get(&self.params.server_id) else { return true };
        let (begin, end) = self.rest.unwrap_or_else(|| (self.begin(places, store), places.len()));
        let stop = end.min(begin.saturating_add(PIECE));
        self.rest = Some((stop, end));
        let records = places.iter_from(begin).take(stop - begin).filter_map(|place| store.records.get(*place));
        for record in records {
            if self.page.add(record, store) {
                return true;
            }
        }
        stop == end
    }

    pub(super) fn result(self) -> QueryResult {
        self.page.result
    }

    fn begin(&self, places: &Log<usize>, store: &Store) -> usize {
        self.params.last_event_id.map_or(0, |last| {
            places.partition_point(|place| store.records.get(*place).is_some_and(|record| record.id <= last))
        })
    }
}

/// What a query has found.
#[derive(Debug)]
struct Page {
    result: QueryResult,
    max_results: usize,
}

impl Page {
    fn new(max_results: Option<u64>) -> Self {
        let max_results = max_results.map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
        Self { result: QueryResult::default(), max_results }
    }

    /// Adds an event, or tells that the page was full before.
    fn add(&mut self, record: &Record, store: &Store) -> bool {
        self.result.more_follows = self.result.events.len() >= self.max_results;
        if !self.result.more_follows {
            self.result.events.extend(record.event(&store.types));
        }
        self.result.more_follows
    }
}

pub(super) fn subscription(query_types: Option<&[EventType]>) -> Result<Option<Subscription>, BackendError> {
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
