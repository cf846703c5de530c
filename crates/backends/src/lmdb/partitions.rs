use std::collections::HashMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hat_event_common::{
    BoxError, EventType, EventTypeCollection, OrderBy, Subscription, Timestamp, TreeEventTypeCollection, json_text,
};
use heed::RwTxn;
use serde_json::{Value, json};

use super::blocks::{Blocks, MAX_BLOCKS};
use super::conf::{Limit, PartitionConf};
use super::environment::Environment;
use super::layout::{
    FIRST_ID, LAST_ID, LayoutError, Table, TimeKey, TimeseriesKey, number_key, read_number, read_time_key,
    timeseries_key,
};

/// The partitions of the time series, in the order of the configuration.
#[derive(Debug, Default)]
pub(super) struct Partitions {
    all: Vec<Partition>,
    /// Places in `all`.
    by_type: TreeEventTypeCollection<usize>,
}

/// A part of the history: some event types, ordered by one time.
#[derive(Debug)]
pub(super) struct Partition {
    /// Its number in the file.
    pub(super) number: u64,
    pub(super) order_by: OrderBy,
    pub(super) subscription: Subscription,
    pub(super) limit: Option<Limit>,
    blocks: RwLock<Blocks>,
}

impl Partition {
    /// Which types stand where in the file.
    pub(super) fn blocks(&self) -> RwLockReadGuard<'_, Blocks> {
        self.blocks.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// For the thread that writes.
    pub(super) fn blocks_mut(&self) -> RwLockWriteGuard<'_, Blocks> {
        self.blocks.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// All keys of this partition, or those that end somewhere.
    pub(super) fn key_bounds(&self, to: Bound<TimeKey>) -> (Bound<TimeseriesKey>, Bound<TimeseriesKey>) {
        let end = match to {
            Bound::Unbounded => {
                Bound::Excluded(timeseries_key(self.number.saturating_add(1), (Timestamp::MIN, FIRST_ID)))
            }
            to => to.map(|key| timeseries_key(self.number, key)),
        };
        (Bound::Included(timeseries_key(self.number, (Timestamp::MIN, FIRST_ID))), end)
    }
}

/// What tells partitions apart in the file, whatever their limits: how they order, and the query types in alphabetical order.
type Identity = (String, Vec<Vec<String>>);

impl Partitions {
    /// Finds the partitions of a configuration in the file, and enters those that are new.
    pub(super) fn open(
        environment: &Environment,
        writing: &mut RwTxn<'_>,
        confs: &[PartitionConf],
    ) -> Result<Self, BoxError> {
        let table = environment.table(Table::Partitions);
        let (mut known, mut last) = (HashMap::new(), 0);
        for entry in table.iter(writing)? {
            let (key, value) = entry?;
            let number = read_number(key)?;
            last = last.max(number);
            known.insert(identity(value)?, number);
        }
        let mut partitions = Self::default();
        for conf in confs {
            let identity = (order_text(conf.order_by).to_owned(), sorted(&conf.subscription));
            let number = match known.get(&identity) {
                Some(number) => *number,
                None => {
                    last += 1;
                    let value = json_text(&json!({"order": identity.0, "subscriptions": identity.1}))?;
                    table.put(writing, &number_key(last), value.as_bytes())?;
                    known.insert(identity, last);
                    last
                }
            };
            partitions.add(number, conf);
        }
        for partition in &partitions.all {
            let (from, to) = partition.key_bounds(Bound::Unbounded);
            let bounds = (from.as_ref().map(|key| &key[..]), to.as_ref().map(|key| &key[..]));
            let last = environment.table(Table::Timeseries).rev_range(writing, &bounds)?.next().transpose()?;
            // Behind one that cannot be read nothing is known.
            let last = last.map(|(key, _)| read_time_key(key).unwrap_or((Timestamp::MAX, LAST_ID)));
            *partition.blocks_mut() = Blocks::new(last, MAX_BLOCKS / partitions.len());
        }
        Ok(partitions)
    }

    /// Of two that are one in the file, the later one counts, in the place of the first.
    fn add(&mut self, number: u64, conf: &PartitionConf) {
        if let Some(known) = self.all.iter_mut().find(|known| known.number == number) {
            known.limit.clone_from(&conf.limit);
            return;
        }
        self.by_type.add(&conf.subscription, self.all.len());
        let PartitionConf { order_by, subscription, limit } = conf.clone();
        self.all.push(Partition { number, order_by, subscription, limit, blocks: RwLock::default() });
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Partition> {
        self.all.iter()
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, place: usize) -> Option<&Partition> {
        self.all.get(place)
    }

    /// The partitions that an event type belongs to.
    pub(super) fn of(&self, event_type: &EventType) -> Arc<[usize]> {
        let mut places: Vec<usize> = self.by_type.get(event_type).into_iter().copied().collect();
        places.sort_unstable();
        places.into()
    }

    /// The partition that answers a query: the first that orders so and may have what is asked for.
    pub(super) fn answering(&self, order_by: OrderBy, subscription: Option<&Subscription>) -> Option<usize> {
        let may_have =
            |known: &Partition| subscription.is_none_or(|subscription| !subscription.is_disjoint(&known.subscription));
        self.all.iter().position(|known| known.order_by == order_by && may_have(known))
    }
}

/// How the file names an order.
fn order_text(order_by: OrderBy) -> &'static str {
    match order_by {
        OrderBy::Timestamp => "timestamp",
        OrderBy::SourceTimestamp => "sourceTimestamp",
    }
}

fn sorted(subscription: &Subscription) -> Vec<Vec<String>> {
    let segments = subscription.query_types().iter().map(|query_type| query_type.as_event_type().segments());
    let mut query_types: Vec<Vec<String>> =
        segments.map(|segments| segments.map(|segment| segment.to_string()).collect()).collect();
    query_types.sort();
    query_types
}

fn identity(value: &[u8]) -> Result<Identity, LayoutError> {
    let error = || LayoutError::new("a partition", value);
    let mut partition: Value = serde_json::from_slice(value).map_err(|_| error())?;
    let mut take = |key: &str| partition.get_mut(key).map(Value::take).ok_or_else(error);
    let (order, query_types) = (take("order")?, take("subscriptions")?);
    let query_types = serde_json::from_value(query_types).map_err(|_| error())?;
    Ok((order.as_str().ok_or_else(error)?.to_owned(), query_types))
}
