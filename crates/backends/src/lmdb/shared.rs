use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use hat_event_common::{
    BackendClosedError, BackendError, BackendFlushedEventsCb, BoxError, Event, EventId, EventPayload, Lifecycle,
    ServerId, Timestamp,
};
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, oneshot};

use super::conf::{Conf, Durability};
use super::environment::Environment;
use super::layer::Written;
use super::partitions::Partitions;
use super::state::{State, write};

/// The largest value that LMDB stores, with room for what is beside a payload.
const MAX_VALUE: u64 = u32::MAX as u64 - (1 << 20);

/// What the backend and the thread that writes have in common.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) conf: Conf,
    pub(super) partitions: Partitions,
    pub(super) lifecycle: Lifecycle,
    pub(super) flushed_cb: Option<BackendFlushedEventsCb>,
    pub(super) runtime: Handle,
    state: Mutex<State>,
    /// What may still be registered before something is written.
    backlog: Semaphore,
    /// Notified when writing failed, for those who wait for the backlog.
    failed: Notify,
    signals: Mutex<Signals>,
    wake: Condvar,
}

/// What the thread that writes is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Signals {
    pub(super) flush: bool,
    pub(super) stop: bool,
}

impl Shared {
    pub(super) fn open(
        conf: Conf,
        lifecycle: Lifecycle,
        flushed_cb: Option<BackendFlushedEventsCb>,
        runtime: Handle,
    ) -> Result<Self, BoxError> {
        let environment = Environment::open(&conf.path, conf.max_size)?;
        let place = |error| format!("database {}: {error}", conf.path.display());
        let (state, partitions) = State::open(environment, &conf).map_err(place)?;
        Ok(Self {
            backlog: Semaphore::new(conf.backlog as usize),
            conf,
            partitions,
            lifecycle,
            flushed_cb,
            runtime,
            state: Mutex::new(state),
            failed: Notify::new(),
            signals: Mutex::default(),
            wake: Condvar::new(),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics in the middle of a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signals(&self) -> MutexGuard<'_, Signals> {
        self.signals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a batch takes of the backlog: about one for each small event.
    ///
    /// # Errors
    ///
    /// If it cannot be stored at all.
    pub(super) fn cost(&self, events: &[Event]) -> Result<u32, BackendError> {
        let len = |event: &Event| {
            let payload = event.payload.as_ref().map_or(0, |payload| match payload {
                EventPayload::Binary(binary) => binary.binary_type.len() + binary.data.len(),
                EventPayload::Json(json) => json.text().len(),
            });
            (event.event_type.as_packed().len() + payload) as u64
        };
        let (mut cost, mut bytes) = (0, 0);
        for event in events {
            let len = len(event);
            if len > MAX_VALUE {
                return Err(BackendError::Refused(format!("an event of {len} bytes cannot be stored").into()));
            }
            cost += 1 + len / 256;
            bytes += len * (1 + self.partitions.len() as u64);
        }
        if bytes > self.conf.max_size as u64 {
            let text = format!("{bytes} bytes do not fit into a database of {}", self.conf.max_size);
            return Err(BackendError::Refused(text.into()));
        }
        Ok(u32::try_from(cost).unwrap_or(u32::MAX).min(self.conf.backlog))
    }

    /// Waits until the backlog has room.
    ///
    /// # Errors
    ///
    /// [`BackendError::Refused`] while nothing can be written.
    pub(super) async fn admit(&self, cost: u32) -> Result<(), BackendError> {
        let failed = self.failed.notified();
        self.check_writable()?;
        let permits = match self.backlog.try_acquire_many(cost) {
            Ok(permits) => permits,
            Err(_) => {
                self.request_flush();
                tokio::select! {
                    permits = self.backlog.acquire_many(cost) => permits.map_err(|_| BackendClosedError)?,
                    () = failed => {
                        self.check_writable()?;
                        return Err(BackendError::Refused("what came before could not be written".into()));
                    }
                }
            }
        };
        // Given back once the layer is written.
        permits.forget();
        Ok(())
    }

    fn check_writable(&self) -> Result<(), BackendError> {
        let state = self.state();
        if state.ended {
            return Err(BackendClosedError.into());
        }
        state.failing.as_ref().map_or(Ok(()), |reason| Err(BackendError::Refused(reason.to_string().into())))
    }

    /// Keeps a batch that was admitted; returns what tells that it is on disk, if that is waited for.
    pub(super) fn add(
        &self,
        events: &Arc<[Event]>,
        cost: u32,
    ) -> Result<Option<oneshot::Receiver<Written>>, BackendClosedError> {
        let mut state = self.state();
        if state.ended {
            return Err(BackendClosedError);
        }
        let skipped = state.add(events, &self.conf.conditions, &self.partitions);
        let mut layer = write(&state.pending);
        layer.cost += cost as usize;
        let is_full = layer.cost * 2 >= self.conf.backlog as usize;
        let written = (self.conf.durability == Durability::Flushed).then(|| {
            let (sender, receiver) = oneshot::channel();
            layer.waiting.push(sender);
            receiver
        });
        drop(layer);
        drop(state);
        if written.is_some() || is_full {
            self.request_flush();
        }
        if skipped.known > 0 {
            tracing::warn!("{} of {} events are not kept: their ids are known", skipped.known, events.len());
        }
        if skipped.unmet > 0 {
            tracing::warn!(
                "{} of {} events are not kept: they do not meet the conditions",
                skipped.unmet,
                events.len()
            );
        }
        Ok(written)
    }

    /// Asks for all that is pending to be written, and returns what tells that it was.
    pub(super) fn flush(&self, reservation: Option<EventId>) -> Result<oneshot::Receiver<Written>, BackendClosedError> {
        let (sender, receiver) = oneshot::channel();
        let state = self.state();
        if state.ended {
            return Err(BackendClosedError);
        }
        let mut layer = write(&state.pending);
        layer.reservations.extend(reservation);
        layer.waiting.push(sender);
        drop(layer);
        drop(state);
        self.request_flush();
        Ok(receiver)
    }

    pub(super) fn last_timestamp(&self, server: ServerId) -> Option<Timestamp> {
        self.state().system.last(server).timestamp
    }

    /// A layer is written, or taken back.
    pub(super) fn give_back(&self, cost: usize) {
        self.backlog.add_permits(cost);
    }

    pub(super) fn tell_failed(&self) {
        self.failed.notify_waiters();
    }

    fn request_flush(&self) {
        let was_requested = std::mem::replace(&mut self.signals().flush, true);
        // Without the lock, which the thread that wakes up takes first.
        if !was_requested {
            self.wake.notify_one();
        }
    }

    pub(super) fn request_stop(&self) {
        self.signals().stop = true;
        self.wake.notify_one();
    }

    /// Waits until something is asked for or a time has come.
    pub(super) fn wait_until(&self, time: Instant) -> Signals {
        let mut signals = self.signals();
        loop {
            let left = time.saturating_duration_since(Instant::now());
            if signals.flush || signals.stop || left.is_zero() {
                let Signals { stop, .. } = *signals;
                return std::mem::replace(&mut *signals, Signals { flush: false, stop });
            }
            signals = self.wake.wait_timeout(signals, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
