//! What is in a database, read without the backend: keys and values as the reference's documentation and files have them.

mod indexes;

use std::collections::BTreeMap;
use std::path::Path;

use bytes::Bytes;
use hat_event_common::{Event, EventId, EventType, Sbs, Timestamp, timestamp_from_bytes};
use heed::types::Bytes as Raw;
use heed::{CommitOrAbort, EnvFlags, EnvOpenOptions, WithoutTls};
use serde_json::Value;

use crate::Result;

/// All that a database has, the nine named databases of it.
#[derive(Default)]
pub(crate) struct File {
    last_ids: BTreeMap<u64, EventId>,
    last_timestamps: BTreeMap<u64, Timestamp>,
    refs: Vec<(EventId, Vec<Place>)>,
    pub(crate) latest: BTreeMap<u64, Event>,
    types: BTreeMap<u64, EventType>,
    series: Vec<(SeriesKey, Event)>,
    /// Whether a partition orders by the timestamp, and not by the source timestamp.
    by_timestamp: BTreeMap<u64, bool>,
    counts: BTreeMap<u64, u64>,
}

/// Where an event is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Latest(u64),
    Series(Bytes),
}

struct SeriesKey {
    bytes: Bytes,
    partition: u64,
    time: Timestamp,
    id: EventId,
}

impl File {
    /// Reads a file that nobody has open, and changes nothing.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let env = open(path)?;
        let tables = read_tables(&env);
        env.prepare_for_closing().wait();
        let [settings, last_ids, last_timestamps, refs, latest, types, series, partitions, counts] = tables?;
        if settings.iter().all(|(key, version)| (&**key, &**version) != (&[0; 8], b"\"0.9\"")) {
            return Err("the database has not version 0.9".into());
        }
        let mut file = Self::default();
        for (key, value) in last_ids {
            file.last_ids.insert(number(&key)?, id(&value)?);
        }
        for (key, value) in last_timestamps {
            file.last_timestamps.insert(number(&key)?, time(&value)?);
        }
        for (key, value) in refs {
            file.refs.push((id(&key)?, places(value)?));
        }
        for (key, value) in latest {
            file.latest.insert(number(&key)?, Event::from_sbs_bytes(value)?);
        }
        for (key, value) in types {
            let segments: Vec<String> = serde_json::from_slice(&value)?;
            file.types.insert(number(&key)?, segments.into_iter().collect());
        }
        for (key, value) in series {
            if key.len() != 44 {
                return Err(format!("a key of a time series has {} bytes", key.len()).into());
            }
            let (partition, time, id) = (number(&key[..8])?, time(&key[8..20])?, id(&key[20..])?);
            file.series.push((SeriesKey { bytes: key, partition, time, id }, Event::from_sbs_bytes(value)?));
        }
        for (key, value) in partitions {
            let order = serde_json::from_slice::<Value>(&value)?["order"].clone();
            file.by_timestamp.insert(number(&key)?, order == "timestamp");
        }
        for (key, value) in counts {
            file.counts.insert(number(&key)?, number(&value)?);
        }
        Ok(file)
    }

    /// The events of the first partition, in its order.
    pub(crate) fn history(&self) -> impl Iterator<Item = &Event> {
        self.series.iter().filter(|(key, _)| key.partition == 1).map(|(_, event)| event)
    }
}

type Env = heed::Env<WithoutTls>;

#[expect(unsafe_code, reason = "LMDB maps the file into memory, so opening it is safe only under conditions")]
fn open(path: &Path) -> Result<Env> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.max_dbs(9);
    // SAFETY: without locks, nobody else may write. Its server has ended, and none other knows the file.
    unsafe { options.flags(EnvFlags::NO_SUB_DIR | EnvFlags::READ_ONLY | EnvFlags::NO_LOCK) };
    // SAFETY: for the same reason the file does not change while it is mapped.
    Ok(unsafe { options.open(path) }?)
}

const TABLES: [&str; 9] = [
    "SYSTEM_SETTINGS",
    "SYSTEM_LAST_EVENT_ID",
    "SYSTEM_LAST_TIMESTAMP",
    "REF",
    "LATEST_DATA",
    "LATEST_TYPE",
    "TIMESERIES_DATA",
    "TIMESERIES_PARTITION",
    "TIMESERIES_COUNT",
];

type Entries = Vec<(Bytes, Bytes)>;

/// All entries of all tables, in one transaction.
fn read_tables(env: &Env) -> Result<[Entries; 9]> {
    let read = env.open_databases_and_commit(env.read_txn()?, |opener, reading| {
        let mut all: [Entries; 9] = Default::default();
        for (name, entries) in TABLES.iter().zip(&mut all) {
            let table = opener.open_database::<Raw, Raw>(reading, Some(name))?;
            for entry in table.ok_or_else(|| format!("the database has no {name}"))?.iter(reading)? {
                let (key, value) = entry?;
                entries.push((Bytes::copy_from_slice(key), Bytes::copy_from_slice(value)));
            }
        }
        // The tables are not needed any more.
        Result::<_>::Ok(CommitOrAbort::<(), _>::Abort(all))
    });
    Ok(read?.unwrap_abort())
}

fn number(bytes: &[u8]) -> Result<u64> {
    Ok(u64::from_be_bytes(bytes.try_into()?))
}

fn id(bytes: &[u8]) -> Result<EventId> {
    let ([server, session, instance], []) = bytes.as_chunks::<8>() else { return Err("an event id is cut".into()) };
    let [server, session, instance] = [server, session, instance].map(|number| u64::from_be_bytes(*number));
    Ok(EventId::new(server, session, instance)?)
}

fn time(bytes: &[u8]) -> Result<Timestamp> {
    Ok(timestamp_from_bytes(bytes.try_into()?)?)
}

fn places(mut bytes: Bytes) -> Result<Vec<Place>> {
    let mut places = Vec::new();
    while let Some(table) = bytes.first().copied() {
        let len = match table {
            4 => 9,
            6 => 45,
            _ => return Err(format!("a reference leads into table {table}").into()),
        };
        if bytes.len() < len {
            return Err("a reference is cut".into());
        }
        let place = bytes.split_to(len).slice(1..);
        places.push(if table == 4 { Place::Latest(number(&place)?) } else { Place::Series(place) });
    }
    Ok(places)
}
