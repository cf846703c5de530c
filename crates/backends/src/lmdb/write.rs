//! Writes a layer into the file.

use std::ops::Bound;

use hat_event_common::{EventId, Order, Sbs, Writer, json_text, timestamp_to_bytes};
use heed::{PutFlags, RwTxn};

use super::environment::{Database, Environment};
use super::layer::{Layer, time_of};
use super::layout::{EventRef, Table, id_key, number_key, read_number, timeseries_key};
use super::partitions::Partitions;
use super::time_order::Range;

type Result<T = ()> = std::result::Result<T, heed::Error>;

pub(super) fn write_layer(
    environment: &Environment,
    writing: &mut RwTxn<'_>,
    layer: &Layer,
    partitions: &Partitions,
) -> Result {
    latest(environment, writing, layer)?;
    timeseries(environment, writing, layer, partitions)?;
    refs(environment, writing, layer, partitions)?;
    for (server, last) in &layer.system {
        let key = number_key(server.get());
        if let Some(id) = last.id {
            environment.table(Table::LastEventId).put(writing, &key, &id_key(id))?;
        }
        if let Some(timestamp) = last.timestamp {
            environment.table(Table::LastTimestamp).put(writing, &key, &timestamp_to_bytes(timestamp))?;
        }
    }
    Ok(())
}

fn latest(environment: &Environment, writing: &mut RwTxn<'_>, layer: &Layer) -> Result {
    for (number, event_type) in &layer.new_types {
        let segments: Vec<&str> = event_type.segments().collect();
        let text = json_text(&segments).map_err(|error| heed::Error::Encoding(error.into()))?;
        environment.table(Table::LatestTypes).put(writing, &number_key(*number), text.as_bytes())?;
    }
    let mut by_number: Vec<(u64, u32)> = layer.touched.iter().map(|touched| (touched.number, touched.place)).collect();
    by_number.sort_unstable();
    let mut encoded = Writer::default();
    for (number, place) in by_number {
        let Some(event) = layer.event(place) else { continue };
        encoded.clear();
        event.encode(&mut encoded);
        environment.table(Table::LatestEvents).put(writing, &number_key(number), encoded.as_bytes())?;
    }
    Ok(())
}

fn timeseries(environment: &Environment, writing: &mut RwTxn<'_>, layer: &Layer, partitions: &Partitions) -> Result {
    let mut events = Appender::new(environment.table(Table::Timeseries), writing)?;
    let mut encoded = Writer::default();
    let all = Range { bounds: (Bound::Unbounded, Bound::Unbounded), order: Order::Ascending };
    for (place, partition) in partitions.iter().enumerate() {
        // Before anybody can find them in the file.
        let types = layer.timeseries(place, all).map(|(key, _, event)| (key, &event.event_type.as_packed()[..]));
        partition.blocks_mut().add(types);
        for (key, _, event) in layer.timeseries(place, all) {
            encoded.clear();
            event.encode(&mut encoded);
            events.put(writing, &timeseries_key(partition.number, key), encoded.as_bytes())?;
        }
        let added = layer.count(place) as u64;
        if added > 0 {
            let (counts, key) = (environment.table(Table::PartitionCounts), number_key(partition.number));
            let before = counts.get(writing, &key)?.map_or(Ok(0), read_number).map_err(decoding)?;
            counts.put(writing, &key, &number_key(before + added))?;
        }
    }
    Ok(())
}

fn refs(environment: &Environment, writing: &mut RwTxn<'_>, layer: &Layer, partitions: &Partitions) -> Result {
    let table = environment.table(Table::Refs);
    let before = layer.touched.iter().filter_map(|touched| Some((touched.before.as_ref()?.id, touched.number)));
    let mut superseded: Vec<(EventId, u64)> = before.collect();
    superseded.sort_unstable();
    for (id, number) in superseded {
        remove_ref(table, writing, id, EventRef::Latest(number))?;
    }
    let mut refs = Appender::new(table, writing)?;
    let mut value = Vec::new();
    for (event, latest, list) in layer.kept() {
        value.clear();
        if let Some(number) = latest {
            EventRef::Latest(number).put(&mut value);
        }
        for partition in list.iter().filter_map(|place| partitions.get(*place)) {
            if let Some(time) = time_of(event, partition.order_by) {
                EventRef::Timeseries(timeseries_key(partition.number, (time, event.id))).put(&mut value);
            }
        }
        // Without any, it was the latest of its type for a while, and nobody keeps it any more.
        if !value.is_empty() {
            refs.put(writing, &id_key(event.id), &value)?;
        }
    }
    Ok(())
}

/// An event is not kept at some place any more.
pub(super) fn remove_ref(table: Database, writing: &mut RwTxn<'_>, id: EventId, gone: EventRef) -> Result {
    let key = id_key(id);
    let Some(value) = table.get(writing, &key)? else { return Ok(()) };
    let mut left = Vec::new();
    EventRef::read_all(value).map_err(decoding)?.iter().filter(|one| **one != gone).for_each(|one| one.put(&mut left));
    if left.is_empty() { table.delete(writing, &key).map(|_| ()) } else { table.put(writing, &key, &left) }
}

pub(super) fn decoding(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> heed::Error {
    heed::Error::Decoding(error.into())
}

/// Puts what comes behind all others without a search for its place, as nearly all does that is ordered by time or id.
struct Appender {
    table: Database,
    /// The greatest key.
    last: Vec<u8>,
}

impl Appender {
    fn new(table: Database, writing: &RwTxn<'_>) -> Result<Self> {
        let last = table.last(writing)?.map(|(key, _)| key.to_vec()).unwrap_or_default();
        Ok(Self { table, last })
    }

    fn put(&mut self, writing: &mut RwTxn<'_>, key: &[u8], value: &[u8]) -> Result {
        if key <= &*self.last {
            return self.table.put(writing, key, value);
        }
        self.last.clear();
        self.last.extend_from_slice(key);
        self.table.put_with_flags(writing, PutFlags::APPEND, key, value)
    }
}
