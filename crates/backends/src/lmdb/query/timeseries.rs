use std::cmp::Ordering;
use std::ops::Bound;

use hat_event_common::{
    BackendClosedError, BackendError, BoxError, Event, EventId, Lifecycle, Order, OrderBy, QueryResult,
    QueryTimeseriesParams, QueryType, Subscription, Timestamp,
};

use super::raw::Filter;
use super::{Found, PIECE, page_len, subscription};
use crate::lmdb::blocks::Stretch;
use crate::lmdb::layout::{
    EventRef, FIRST_ID, LAST_ID, Table, TimeKey, TimeseriesKey, id_key, read_time_key, timeseries_key,
};
use crate::lmdb::partitions::Partition;
use crate::lmdb::shared::Shared;
use crate::lmdb::state::{SharedLayer, Snapshot, read, write};
use crate::lmdb::time_order::Range;

/// For up to so many types, stretches of the file are skipped that have none of them. For more there are hardly any.
const MAX_TYPES: usize = 32;

/// The history of events, from the first partition that orders as asked for and may have them.
pub(in crate::lmdb) fn timeseries(
    shared: &Shared,
    snapshot: &Snapshot,
    params: &QueryTimeseriesParams,
) -> Result<QueryResult, BackendError> {
    let subscription = subscription(params.event_types.as_deref())?;
    let answering = shared.partitions.answering(params.order_by, subscription.as_ref());
    let Some((place, partition)) = answering.and_then(|place| Some((place, shared.partitions.get(place)?))) else {
        return Ok(QueryResult::default());
    };
    let matches = |event: &Event| {
        subscription.as_ref().is_none_or(|subscription| subscription.matches(&event.event_type))
            && is_within(Some(event.timestamp), params.t_from, params.t_to)
            && is_within(event.source_timestamp, params.source_t_from, params.source_t_to)
    };
    let len = page_len(params.max_results, shared.conf.max_results);
    let query = Query { snapshot, lifecycle: &shared.lifecycle, place, partition, len };
    let refused = |error: BoxError| match error.downcast::<BackendClosedError>() {
        Ok(closed) => BackendError::Closed(*closed),
        Err(error) => BackendError::Refused(error),
    };
    let Some(range) = query.range(params).map_err(refused)? else { return Ok(QueryResult::default()) };
    let kept = query.kept(range, matches);
    let filter = Filter::new(params, subscription.as_ref(), &shared.conf.conditions);
    let hashes = types_asked_for(subscription.as_ref(), partition);
    query.merge(range, kept, filter, hashes.as_deref()).and_then(Found::result).map_err(refused)
}

struct Query<'a> {
    snapshot: &'a Snapshot,
    lifecycle: &'a Lifecycle,
    place: usize,
    partition: &'a Partition,
    /// So many events are enough.
    len: usize,
}

impl Query<'_> {
    /// Where results begin and end; `None` if there are none.
    fn range(&self, params: &QueryTimeseriesParams) -> Result<Option<Range>, BoxError> {
        let (from, to) = match self.partition.order_by {
            OrderBy::Timestamp => (params.t_from, params.t_to),
            OrderBy::SourceTimestamp => (params.source_t_from, params.source_t_to),
        };
        let from = (from.unwrap_or(Timestamp::MIN), FIRST_ID);
        let to = (to.unwrap_or(Timestamp::MAX), LAST_ID);
        if from > to {
            return Ok(None);
        }
        let range = Range { bounds: (Bound::Included(from), Bound::Included(to)), order: params.order };
        let Some(last) = params.last_event_id else { return Ok(Some(range)) };
        let last = self.time_key(last)?.filter(|last| (from..=to).contains(last));
        Ok(last.map(|last| range.behind(last)))
    }

    /// What orders an event in this partition, if it is there.
    fn time_key(&self, id: EventId) -> Result<Option<TimeKey>, BoxError> {
        let Snapshot { environment, reading, layers } = self.snapshot;
        let in_layer = |(layer, _): &(SharedLayer, u32)| read(layer).time_key(id, self.place, self.partition.order_by);
        if let Some(key) = layers.iter().find_map(in_layer) {
            return Ok(Some(key));
        }
        let Some(refs) = environment.table(Table::Refs).get(reading, &id_key(id))? else { return Ok(None) };
        for one in EventRef::read_all(refs)? {
            if let EventRef::Timeseries(key) = one
                && key.starts_with(&self.partition.number.to_be_bytes())
            {
                return Ok(Some(read_time_key(&key)?));
            }
        }
        Ok(None)
    }

    /// Events of layers, in order, and no more than are needed.
    fn kept(&self, range: Range, matches: impl Fn(&Event) -> bool) -> Vec<(TimeseriesKey, Event)> {
        let mut kept = Vec::new();
        for (layer, len) in &self.snapshot.layers {
            self.kept_in(layer, *len, range, &matches, &mut kept);
        }
        kept.sort_unstable_by(|(one, _), (other, _)| in_order(range.order, one, other));
        kept.truncate(self.len);
        kept
    }

    fn kept_in(
        &self,
        layer: &SharedLayer,
        len: u32,
        mut range: Range,
        matches: &impl Fn(&Event) -> bool,
        kept: &mut Vec<(TimeseriesKey, Event)>,
    ) {
        let enough = kept.len().saturating_add(self.len);
        loop {
            if !read(layer).is_sorted(self.place) {
                write(layer).sort();
            }
            let layer = read(layer);
            // Somebody may have added to it between the two.
            if !layer.is_sorted(self.place) {
                continue;
            }
            let events = layer.timeseries(self.place, range);
            let events: &mut dyn Iterator<Item = _> = match range.order {
                Order::Ascending => &mut { events },
                Order::Descending => &mut events.rev(),
            };
            let mut last = None;
            for (key, place, event) in events.take(PIECE) {
                last = Some(key);
                if place < len && matches(event) {
                    kept.push((timeseries_key(self.partition.number, key), event.clone()));
                    if kept.len() >= enough {
                        return;
                    }
                }
            }
            match last {
                Some(last) => range = range.behind(last),
                None => return,
            }
        }
    }

    /// What of a range has to be looked at next: all of it, unless it is known which types stand where.
    fn stretch(&self, range: Range, hashes: Option<&[u64]>) -> Option<Stretch> {
        match hashes {
            Some(hashes) => self.partition.blocks().next(range, hashes),
            None => Some(Stretch { bounds: range.bounds, rest: None }),
        }
    }

    /// Events of layers and the file, in order.
    fn merge(
        &self,
        range: Range,
        kept: Vec<(TimeseriesKey, Event)>,
        mut filter: Filter<'_>,
        hashes: Option<&[u64]>,
    ) -> Result<Found, BoxError> {
        let Snapshot { environment, reading, .. } = self.snapshot;
        let table = environment.table(Table::Timeseries);
        let mut found = Found::new(self.len);
        let mut kept = kept.into_iter().peekable();
        let mut looked_at = 0;
        let mut take = |key: &[u8], value: &[u8]| {
            looked_at += 1;
            // Closing waits for queries, and this may be one that looks at all there is.
            if looked_at % PIECE == 0 && self.lifecycle.is_closing() {
                return Err(BackendClosedError.into());
            }
            while let Some((_, event)) = kept.next_if(|(kept, _)| in_order(range.order, kept, key).is_lt()) {
                found.keep(event);
                if found.is_enough() {
                    return Ok(false);
                }
            }
            if filter.matches(value)? {
                found.store(value);
            }
            Ok::<_, BoxError>(!found.is_enough())
        };
        let mut rest = Some(range);
        while let Some(range) = rest {
            let Some(stretch) = self.stretch(range, hashes) else { break };
            let (from, to) = stretch.bounds;
            let key = |bound: Bound<TimeKey>| bound.map(|key| timeseries_key(self.partition.number, key));
            let (from, to) = (key(from), key(to));
            let bounds = (from.as_ref().map(|key| &key[..]), to.as_ref().map(|key| &key[..]));
            rest = stretch.rest;
            let wants_more = match range.order {
                Order::Ascending => take_all(table.range(reading, &bounds)?, &mut take)?,
                Order::Descending => take_all(table.rev_range(reading, &bounds)?, &mut take)?,
            };
            if !wants_more {
                break;
            }
        }
        kept.take(found.missing()).for_each(|(_, event)| found.keep(event));
        Ok(found)
    }
}

/// Gives entries of the file to what takes them, until it wants no more; tells whether it still does.
fn take_all<'t>(
    entries: impl Iterator<Item = Result<(&'t [u8], &'t [u8]), heed::Error>>,
    take: &mut impl FnMut(&[u8], &[u8]) -> Result<bool, BoxError>,
) -> Result<bool, BoxError> {
    for entry in entries {
        let (key, value) = entry?;
        if !take(key, value)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Hashes of the types that a query is about, if it is only for some.
fn types_asked_for(subscription: Option<&Subscription>, partition: &Partition) -> Option<Vec<u64>> {
    let query_types = subscription?.query_types();
    let is_few = query_types.len() <= MAX_TYPES && query_types.iter().all(QueryType::is_exact);
    let hash = |query_type: &QueryType| partition.blocks().hash(query_type.as_event_type().as_packed());
    is_few.then(|| query_types.iter().map(hash).collect())
}

fn in_order(order: Order, one: &[u8], other: &[u8]) -> Ordering {
    match order {
        Order::Ascending => one.cmp(other),
        Order::Descending => other.cmp(one),
    }
}

/// Whether a time lies between two bounds; without a time, only if there are no bounds.
fn is_within(time: Option<Timestamp>, from: Option<Timestamp>, to: Option<Timestamp>) -> bool {
    match time {
        Some(time) => from.is_none_or(|from| from <= time) && to.is_none_or(|to| time <= to),
        None => from.is_none() && to.is_none(),
    }
}
