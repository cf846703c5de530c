//! The thread that writes.

mod failure;
mod learn;
mod outcome;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use hat_event_common::{BoxError, Timestamp};
use heed::RwTxn;
use tokio::sync::oneshot;

use super::cleanup::clean_up;
use super::environment::Environment;
use super::mapping::Mapping;
use super::shared::Shared;
use super::state::{SharedLayer, read, write};
use super::system::touch;
use super::write::write_layer;
use failure::Failure;
use learn::learn_some;
use outcome::take_waiting;

/// So many events are removed in one transaction, so that those who wait for theirs do not wait long; more only if more were
/// written, so that removing keeps up, and never more than the backlog has.
const CLEANUP_EVENTS: usize = 4096;
/// How long after it failed writing is tried again, at the most.
const MAX_RETRY: Duration = Duration::from_secs(1);
/// How often it is tried at the end.
const LAST_RETRIES: usize = 10;

/// Starts the thread. What is returned tells when it has ended.
pub(super) fn start(shared: Arc<Shared>) -> Result<oneshot::Receiver<()>, BoxError> {
    let environment = shared.state().environment.clone().ok_or("the database is closed")?;
    let last_transaction = environment.last_transaction();
    let (ended, receiver) = oneshot::channel();
    let thread = thread::Builder::new().name("hat-event-lmdb".to_owned());
    thread.spawn(move || {
        let mapping = environment.mapping();
        let mut flusher = Flusher { shared: Closing(shared), environment, mapping, last_transaction, written: 0 };
        if let Err(error) = flusher.run() {
            tracing::error!("the database cannot be used any more: {error}");
        }
        drop(flusher);
        // Nobody waits for it if the runtime is gone.
        let _ = ended.send(());
    })?;
    Ok(receiver)
}

struct Flusher {
    shared: Closing,
    environment: Arc<Environment>,
    mapping: Option<Mapping>,
    /// The last transaction of ours: any other is one of another process.
    last_transaction: usize,
    /// How many events were written since some were removed.
    written: usize,
}

/// Closes the backend when the thread ends, whatever ends it.
struct Closing(Arc<Shared>);

impl Drop for Closing {
    fn drop(&mut self) {
        self.0.lifecycle.close();
        // Those who wait learn that they wait in vain when this is dropped.
        let layers: Vec<SharedLayer> = {
            let mut state = self.0.state();
            state.ended = true;
            let flushing = state.flushing.iter().map(|flushing| &flushing.layer);
            flushing.chain([&state.pending]).map(Arc::clone).collect()
        };
        layers.iter().for_each(|layer| drop(take_waiting(layer)));
        self.0.tell_failed();
    }
}

impl Flusher {
    fn run(&mut self) -> Result<(), BoxError> {
        let shared = Arc::clone(&self.shared.0);
        let (flush_period, cleanup_period) = (shared.conf.flush_period, shared.conf.cleanup_period);
        let mut next_flush = Instant::now() + flush_period;
        let mut next_cleanup = Instant::now();
        // Which types stand where in the file, of what was in it before.
        let mut is_known = false;
        loop {
            let next = if is_known { next_flush.min(next_cleanup) } else { Instant::now() };
            let signals = shared.wait_until(next);
            if signals.flush || signals.stop || Instant::now() >= next_flush {
                // What is registered while a layer is written waits no longer than a period and its own commit.
                let start = Instant::now();
                let is_written = self.flush()?;
                next_flush =
                    if is_written { start + flush_period } else { Instant::now() + flush_period.min(MAX_RETRY) };
            }
            if signals.stop {
                return self.finish();
            }
            if Instant::now() >= next_cleanup {
                let repeat = self.clean_up()?;
                next_cleanup = Instant::now() + if repeat { Duration::ZERO } else { cleanup_period };
            }
            if let Some(mapping) = &mut self.mapping {
                mapping.trim(Instant::now());
            }
            is_known = is_known || learn_some(&self.environment, &shared.partitions);
        }
    }

    /// Writes what there is at the end, and tries some times if it has to.
    fn finish(&mut self) -> Result<(), BoxError> {
        for _ in 0..LAST_RETRIES {
            if self.flush()? {
                return Ok(());
            }
            thread::sleep(MAX_RETRY / LAST_RETRIES as u32);
        }
        let lost: u32 = {
            let state = self.shared.0.state();
            let flushing = state.flushing.iter().map(|flushing| &flushing.layer);
            flushing.chain([&state.pending]).map(|layer| read(layer).len()).sum()
        };
        if lost > 0 { Err(format!("{lost} events could not be written and are lost").into()) } else { Ok(()) }
    }

    /// Writes what is pending; tells whether nothing is left because it could not be.
    fn flush(&mut self) -> Result<bool, BoxError> {
        loop {
            let (layer, is_retry) = {
                let mut state = self.shared.0.state();
                match &state.flushing {
                    Some(flushing) => (Arc::clone(&flushing.layer), true),
                    None if read(&state.pending).is_idle() => {
                        state.failing = None;
                        return Ok(true);
                    }
                    None => (state.seal(self.shared.0.partitions.len()), false),
                }
            };
            match self.write(&layer) {
                Ok(()) => self.written(&layer),
                Err(failure) => {
                    self.not_written(&failure.reason()?);
                    return Ok(false);
                }
            }
            if !is_retry {
                return Ok(true);
            }
        }
    }

    /// Writes a layer; if the file is full, tries again with what was freed last.
    fn write(&mut self, layer: &SharedLayer) -> Result<(), Failure> {
        write(layer).sort();
        if !read(layer).has_changes() {
            return Ok(());
        }
        match self.try_write(layer) {
            Err(Failure::Full) => self.step().and_then(|()| self.try_write(layer)),
            outcome => outcome,
        }
    }

    /// Makes a transaction that changes next to nothing.
    ///
    /// What a transaction frees is used again two transactions later, and none would follow if all that are tried need
    /// more than is left.
    fn step(&mut self) -> Result<(), Failure> {
        let environment = Arc::clone(&self.environment);
        let mut writing = self.begin(&environment)?;
        let transaction = writing.id();
        // It has the number of the one that failed, and does not write the layer.
        self.written_by(usize::MAX);
        touch(&environment, &mut writing)?;
        writing.commit()?;
        self.last_transaction = transaction;
        Ok(())
    }

    /// Writes a layer in one transaction.
    fn try_write(&mut self, layer: &SharedLayer) -> Result<(), Failure> {
        let environment = Arc::clone(&self.environment);
        let mut writing = self.begin(&environment)?;
        let transaction = writing.id();
        self.written_by(transaction);
        write_layer(&environment, &mut writing, &read(layer), &self.shared.0.partitions)?;
        writing.commit()?;
        self.last_transaction = transaction;
        self.written += read(layer).len() as usize;
        Ok(())
    }

    /// Begins a transaction, which has to be the next one. Asked before, another process could still come between.
    ///
    /// Its own number comes from the lock file, where those who keep to its locks count; the last one's from the file itself, which
    /// tells of those who do not.
    fn begin<'e>(&self, environment: &'e Environment) -> Result<RwTxn<'e>, Failure> {
        let writing = environment.write()?;
        let last = environment.last_transaction();
        if last == self.last_transaction && writing.id() == last + 1 {
            return Ok(writing);
        }
        Err(Failure::Forever("another process has written into it; only one server may use it at a time".into()))
    }

    /// Who reads the file from a transaction on finds the layer there that is being written.
    fn written_by(&self, transaction: usize) {
        if let Some(flushing) = &mut self.shared.0.state().flushing {
            flushing.transaction = transaction;
        }
    }

    /// Removes some of what limits do not allow; tells whether there may be more of it.
    fn clean_up(&mut self) -> Result<bool, BoxError> {
        // What was written in a long period is removed bit by bit: with a layer between two transactions at the most, it ends.
        let backlog = CLEANUP_EVENTS.max(self.shared.0.conf.backlog as usize);
        let most = std::mem::take(&mut self.written).saturating_mul(2).clamp(CLEANUP_EVENTS, backlog);
        match self.try_clean_up(most) {
            Ok(removed) => Ok(removed >= most),
            Err(failure) => {
                tracing::error!("the database cannot be cleaned up: {}", failure.reason()?);
                Ok(false)
            }
        }
    }

    fn try_clean_up(&mut self, most: usize) -> Result<usize, Failure> {
        let partitions = &self.shared.0.partitions;
        if partitions.iter().all(|partition| partition.limit.is_none()) {
            return Ok(0);
        }
        let environment = Arc::clone(&self.environment);
        let mut writing = self.begin(&environment)?;
        let transaction = writing.id();
        let removed = clean_up(&environment, &mut writing, partitions, Timestamp::now(), most);
        let removed = removed.map_err(|error| match error.downcast::<heed::Error>() {
            Ok(error) => Failure::from(*error),
            Err(error) => Failure::Forever(error),
        })?;
        // Without changes, it has no number.
        if removed > 0 {
            writing.commit()?;
            self.last_transaction = transaction;
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests;
