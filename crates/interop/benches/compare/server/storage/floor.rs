//! LMDB without a server: what storing costs at least.

use std::path::Path;
use std::time::{Duration, Instant};

use hat_event_common::{Event, EventId, Sbs, Timestamp, timestamp_to_bytes};
use heed::types::Bytes;
use heed::{CommitOrAbort, Env, EnvFlags, EnvOpenOptions, PutFlags};

use super::all_types;
use crate::Result;

/// So many events are in a transaction: as many as our server writes at once when it has much to write.
const TOGETHER: usize = 128 << 10;

type Database = heed::Database<'static, Bytes, Bytes>;

/// Makes a file with as many databases.
fn create<const N: usize>(path: &Path, names: [&str; N]) -> Result<(Env, [Database; N])> {
    let mut options = EnvOpenOptions::new();
    options.map_size(1 << 36).max_dbs(N as u32);
    // SAFETY: the flag says that the path is that of a file.
    #[expect(unsafe_code, reason = "the file is new, below the target folder, and nobody else opens it")]
    let env = unsafe { options.flags(EnvFlags::NO_SUB_DIR).open(path) }?;
    let writing = env.write_txn()?;
    let created = env.create_databases_and_commit(writing, |opener, writing| {
        let mut databases = Vec::new();
        for name in names {
            databases.push(opener.create_database::<Bytes, Bytes>(writing, Some(name))?);
        }
        let databases: [_; N] = databases.try_into().unwrap_or_else(|_| unreachable!("one for each name"));
        Ok::<_, heed::Error>(CommitOrAbort::<_, ()>::Commit(databases))
    });
    let databases = created?.unwrap_commit();
    Ok((env, databases))
}

/// What the reference's layout has of an event: the event itself in a time series, where it is, and the latest of its type.
pub(super) struct Insertion {
    env: Env,
    timeseries: Database,
    refs: Database,
    latest: Database,
}

impl Insertion {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let (env, [timeseries, refs, latest]) = create(path, ["TIMESERIES_DATA", "REF", "LATEST_DATA"])?;
        Ok(Self { env, timeseries, refs, latest })
    }

    /// Inserts as many events, the last of them on disk.
    pub(super) fn seconds_an_event(&self, count: usize) -> Result<f64> {
        let types = all_types();
        let (mut begun, mut taken) = (0, Duration::ZERO);
        while begun < count {
            let events: Vec<Entry> = (begun..count.min(begun + TOGETHER)).map(|at| Entry::new(&types, at)).collect();
            begun += events.len();
            let start = Instant::now();
            self.insert(&events)?;
            taken += start.elapsed();
        }
        Ok(taken.as_secs_f64() / count as f64)
    }

    fn insert(&self, events: &[Entry]) -> Result {
        let mut writing = self.env.write_txn()?;
        for Entry { key, value, .. } in events {
            self.timeseries.put_with_flags(&mut writing, PutFlags::APPEND, key, value)?;
        }
        for Entry { key, at, of_type, .. } in events {
            // Each type comes up in its turn, so those that come last are the latest.
            let is_latest = events.last().is_some_and(|last| last.at - at < super::TYPES);
            let number = (*of_type as u64).to_be_bytes();
            let mut places = if is_latest { [&[4][..], &number].concat() } else { Vec::new() };
            places.push(6);
            places.extend_from_slice(key);
            self.refs.put_with_flags(&mut writing, PutFlags::APPEND, &key[20..], &places)?;
        }
        for Entry { value, of_type, .. } in &events[events.len().saturating_sub(super::TYPES)..] {
            self.latest.put(&mut writing, &(*of_type as u64).to_be_bytes(), value)?;
        }
        Ok(writing.commit()?)
    }
}

struct Entry {
    at: usize,
    of_type: usize,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Entry {
    fn new(types: &[Event], at: usize) -> Self {
        let (session, instance) = (1 + at as u64 / 100, 1 + at as u64 % 100);
        let id = EventId::new(1, session, instance).expect("small ids");
        let timestamp = Timestamp::new(1_700_000_000 + session as i64, 0).expect("whole seconds");
        let of_type = at % types.len();
        let event = Event { id, timestamp, ..types[of_type].clone() };
        let numbers = [1, session, instance].map(u64::to_be_bytes).concat();
        let key = [&1u64.to_be_bytes()[..], &timestamp_to_bytes(timestamp), &numbers].concat();
        Self { at, of_type, key, value: event.to_sbs_bytes().to_vec() }
    }
}

/// Commits that change one value, each on disk when it is done.
pub(super) struct Commits {
    env: Env,
    database: Database,
    next: u64,
}

impl Commits {
    pub(super) fn new(path: &Path) -> Result<Self> {
        let (env, [database]) = create(path, ["TIMESERIES_DATA"])?;
        Ok(Self { env, database, next: 0 })
    }

    /// Seconds that half of the commits take at most.
    pub(super) fn half(&mut self, slice: Duration) -> Result<f64> {
        let (mut times, begin) = (Vec::new(), Instant::now());
        while begin.elapsed() < slice {
            let start = Instant::now();
            let mut writing = self.env.write_txn()?;
            self.next += 1;
            self.database.put_with_flags(&mut writing, PutFlags::APPEND, &self.next.to_be_bytes(), &[7; 130])?;
            writing.commit()?;
            times.push(start.elapsed().as_secs_f64());
        }
        Ok(crate::contest::median(times))
    }
}
