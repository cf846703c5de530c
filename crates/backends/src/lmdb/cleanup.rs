//! Removes what limits do not allow, from the beginning of each partition.

use std::ops::Bound;

use hat_event_common::{BoxError, Timestamp};
use heed::RwTxn;

use super::conf::Limit;
use super::environment::Environment;
use super::layout::{EventRef, FIRST_ID, Table, TimeseriesKey, number_key, read_number, read_time_key, timeseries_key};
use super::partitions::{Partition, Partitions};
use super::write::remove_ref;

/// Removes up to `max` events; returns how many it removed.
///
/// The rules are those of the reference (`TimeseriesDb.ext_cleanup`). An event goes if there are more than `max_entries`, or more than
/// fit into `size` by their average size, or if it is older than `duration` at `now`; but never one of the last `min_entries`.
pub(super) fn clean_up(
    environment: &Environment,
    writing: &mut RwTxn<'_>,
    partitions: &Partitions,
    now: Timestamp,
    max: usize,
) -> Result<usize, BoxError> {
    let mut removed = 0;
    for partition in partitions.iter() {
        if let Some(limit) = &partition.limit {
            removed += clean_up_partition(environment, writing, partition, limit, now, max - removed)?;
        }
        if removed >= max {
            break;
        }
    }
    Ok(removed)
}

fn clean_up_partition(
    environment: &Environment,
    writing: &mut RwTxn<'_>,
    partition: &Partition,
    limit: &Limit,
    now: Timestamp,
    max: usize,
) -> Result<usize, BoxError> {
    let events = environment.table(Table::Timeseries);
    let counts = environment.table(Table::PartitionCounts);
    let count_key = number_key(partition.number);
    let count = counts.get(writing, &count_key)?.map_or(Ok(0), read_number)?;
    let fitting = limit.size.map(|size| fitting(environment, writing, size)).transpose()?.flatten();
    let most = match (fitting, limit.max_entries) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    // What is before the beginning of time is older than nothing.
    let oldest = limit.duration.map(|duration| now.add(-duration).unwrap_or(Timestamp::MIN));
    let oldest = oldest.map(|oldest| timeseries_key(partition.number, (oldest, FIRST_ID)));

    let (begin, end) = partition.key_bounds(Bound::Unbounded);
    let bounds = (begin.as_ref().map(|key| &key[..]), end.as_ref().map(|key| &key[..]));
    let mut keys: Vec<TimeseriesKey> = Vec::new();
    for entry in events.range(writing, &bounds)? {
        let (key, _) = entry?;
        let left = count.saturating_sub(keys.len() as u64) as f64;
        let too_many = most.is_some_and(|most| left > most);
        let too_old = oldest.is_some_and(|oldest| key < &oldest[..]);
        if keys.len() >= max || left <= limit.min_entries.unwrap_or(0.0) || !(too_many || too_old) {
            break;
        }
        keys.push(key.try_into()?);
    }
    let Some((first, last)) = keys.first().zip(keys.last()) else { return Ok(0) };
    events.delete_range(writing, &(Bound::Included(&first[..]), Bound::Included(&last[..])))?;
    for key in &keys {
        let (_, id) = read_time_key(key)?;
        remove_ref(environment.table(Table::Refs), writing, id, EventRef::Timeseries(*key))?;
    }
    counts.put(writing, &count_key, &number_key(count.saturating_sub(keys.len() as u64)))?;
    partition.blocks_mut().removed(read_time_key(last)?);
    Ok(keys.len())
}

/// How many events fit into so many bytes, by the average of all partitions; `None` if there are none.
fn fitting(environment: &Environment, writing: &RwTxn<'_>, size: f64) -> Result<Option<f64>, heed::Error> {
    let stat = environment.table(Table::Timeseries).stat(writing)?;
    if stat.entries == 0 {
        return Ok(None);
    }
    let pages = stat.branch_pages + stat.leaf_pages + stat.overflow_pages;
    let entry_size = (f64::from(stat.page_size) * pages as f64) / stat.entries as f64;
    Ok(Some((size / entry_size).trunc()))
}
