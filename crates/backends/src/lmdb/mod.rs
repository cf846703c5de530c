mod blocks;
mod cleanup;
mod conditions;
mod conf;
mod environment;
mod flusher;
mod latest;
mod layer;
mod layout;
mod mapping;
mod pages;
mod partitions;
mod query;
mod routes;
mod shared;
mod state;
mod system;
mod time_order;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendClosedError, BackendError, BackendFlushedEventsCb, BackendInfo, BackendRegisteredEventsCb,
    BoxError, Event, EventId, Hold, Lifecycle, PanicError, QueryParams, QueryResult, Resource, ServerId, Timestamp,
    Turns, json_schema_repo,
};
use serde_json::Value;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinError;

use conf::Conf;
use environment::MAX_READERS;
use layer::Written;
use shared::Shared;

/// Keeps events in an LMDB file: `hat.event.backends.lmdb`.
///
/// The file is that of the reference in its version 0.9: each opens what the other wrote, one at a time. The configuration
/// is `hat-event://backends/lmdb.yaml`, with two keys of our own:
///
/// - `durability`: `memory` (the default, and what the reference does) answers a registration once it is in memory and writes every
///   `flush_period` seconds; `flushed` answers once it is on disk, one commit for all that wait.
/// - `limits`: `db_size`, how many bytes the file may have (1 TiB), and `backlog_events`, how many events may wait to be
///   written (131,072, each 256 bytes of an event counting as one more). Half of that is written at once, and when all of it waits,
///   registrations do.
///
/// # What is where
///
/// What is registered goes into a layer in memory; one layer grows while the one before is written, by a thread of its own, in
/// one transaction. Queries see the file and both layers as they were at one moment, and do not wait for anything to be written.
/// The latest event of every type is in memory.
///
/// # When it cannot be written
///
/// If the disk or the file is full, registrations are [refused](BackendError::Refused) with the reason, and queries go on. With
/// `flushed`, nothing of what was refused is kept. With `memory`, what was answered before stays in memory and is tried
/// again, at least every second, and registrations are refused until it is written. The backend closes if the file cannot be used any
/// more, or another process has written into it.
#[derive(Debug)]
pub struct LmdbBackend {
    lifecycle: Lifecycle,
    registered_cb: Option<BackendRegisteredEventsCb>,
    turns: Turns,
    shared: Arc<Shared>,
    /// Queries that may read at a time.
    readers: Arc<Semaphore>,
}

impl LmdbBackend {
    /// Its name in configurations.
    pub const NAME: &str = "hat.event.backends.lmdb";

    /// How a configuration makes one.
    pub fn info() -> BackendInfo {
        let info = BackendInfo::new(Self::open);
        info.with_schema("hat-event://backends/lmdb.yaml", json_schema_repo().clone())
    }

    async fn open(
        conf: Value,
        registered_cb: Option<BackendRegisteredEventsCb>,
        flushed_cb: Option<BackendFlushedEventsCb>,
    ) -> Result<Self, BoxError> {
        let conf = Conf::read(&conf)?;
        let lifecycle = Lifecycle::new();
        let hold = lifecycle.hold().ok_or(BackendClosedError)?;
        let runtime = Handle::current();
        let opening = {
            let (lifecycle, runtime) = (lifecycle.clone(), runtime.clone());
            move || Shared::open(conf, lifecycle, flushed_cb, runtime)
        };
        let shared = Arc::new(runtime.spawn_blocking(opening).await??);
        let ended = flusher::start(Arc::clone(&shared))?;
        runtime.spawn(close(hold, Arc::clone(&shared), ended));
        let readers = Arc::new(Semaphore::new(MAX_READERS as usize - 2));
        Ok(Self { lifecycle, registered_cb, turns: Turns::new(), shared, readers })
    }

    fn hold(&self) -> Result<Hold, BackendClosedError> {
        self.lifecycle.hold().ok_or(BackendClosedError)
    }

    /// Runs a query where it may wait for the disk. It changes nothing, so that one that panics says nothing about the others.
    async fn read(
        &self,
        hold: Hold,
        query: impl FnOnce(&Shared) -> Result<QueryResult, BackendError> + Send + 'static,
    ) -> Result<QueryResult, BackendError> {
        let permit = Arc::clone(&self.readers).acquire_owned().await.map_err(|_| BackendClosedError)?;
        let shared = Arc::clone(&self.shared);
        let reading = tokio::task::spawn_blocking(move || {
            let result = query(&shared);
            // The file is closed after the last of them.
            drop((permit, hold));
            result
        });
        match reading.await.map_err(JoinError::try_into_panic) {
            Ok(result) => result,
            Err(Ok(panic)) => Err(BackendError::Refused(PanicError::new(&*panic).into())),
            Err(Err(_the_runtime_ends)) => Err(BackendClosedError.into()),
        }
    }
}

/// Ends the backend once closing is requested and no call is under way.
async fn close(hold: Hold, shared: Arc<Shared>, ended: oneshot::Receiver<()>) {
    /// If the runtime ends before, the thread should too.
    struct Stop(Arc<Shared>);
    impl Drop for Stop {
        fn drop(&mut self) {
            self.0.request_stop();
        }
    }
    let stop = Stop(Arc::clone(&shared));
    hold.wait_last().await;
    drop(stop);
    // An error means the same: it has ended.
    let _ = ended.await;
    let environment = shared.state().environment.take().and_then(Arc::into_inner);
    if let Some(environment) = environment {
        // If it cannot be waited for, it is closed all the same.
        let _ = tokio::task::spawn_blocking(move || environment.close()).await;
    }
    drop(hold);
}

/// What became of something that had to be written.
async fn wait(written: oneshot::Receiver<Written>) -> Result<(), BackendError> {
    match written.await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(reason)) => Err(BackendError::Refused(reason.to_string().into())),
        Err(_) => Err(BackendClosedError.into()),
    }
}

fn snapshot(shared: &Shared) -> Result<state::Snapshot, BackendError> {
    let snapshot = shared.state().snapshot().ok_or(BackendClosedError)?;
    snapshot.map_err(|error| BackendError::Refused(error.into()))
}

impl Resource for LmdbBackend {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Backend for LmdbBackend {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        let _hold = self.hold()?;
        Ok(self.shared.state().system.last_id(server_id))
    }

    async fn get_last_timestamp(&self, server_id: ServerId) -> Result<Option<Timestamp>, BackendError> {
        let _hold = self.hold()?;
        Ok(self.shared.last_timestamp(server_id))
    }

    async fn reserve_event_ids(&self, last: EventId) -> Result<(), BackendError> {
        let _hold = self.hold()?;
        wait(self.shared.flush(Some(last))?).await
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let hold = self.hold()?;
        let cost = self.shared.cost(&events)?;
        let (shared, registered_cb) = (Arc::clone(&self.shared), self.registered_cb.clone());
        let batch = Arc::clone(&events);
        let turn = self.turns.run(async move {
            shared.admit(cost).await?;
            let written = shared.add(&batch, cost)?;
            if let Some(callback) = registered_cb {
                callback.call(batch).await;
            }
            Ok::<_, BackendError>((hold, written))
        });
        let (_hold, written) = turn.await?;
        if let Some(written) = written {
            wait(written).await?;
        }
        Ok(Some(events))
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        let hold = self.hold()?;
        match params {
            QueryParams::Latest(params) => {
                let subscription = query::subscription(params.event_types.as_deref())?;
                Ok(self.shared.state().latest.query(&params, subscription.as_ref()))
            }
            QueryParams::Timeseries(params) => {
                self.read(hold, move |shared| query::timeseries(shared, &snapshot(shared)?, &params)).await
            }
            QueryParams::Server(params) => {
                let server = move |shared: &Shared| query::server(&snapshot(shared)?, &params);
                self.read(hold, server).await
            }
        }
    }

    async fn flush(&self) -> Result<(), BackendError> {
        let _hold = self.hold()?;
        wait(self.shared.flush(None)?).await
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_query_that_panics_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let conf = serde_json::json!({"db_path": folder.path().join("event.db"), "identifier": null,
            "flush_period": 3600, "cleanup_period": 3600, "conditions": [], "latest": {"subscriptions": []},
            "timeseries": []});
        let backend = LmdbBackend::open(conf, None, None).await.unwrap();
        // More than may read at a time: none of them keeps its place.
        for _ in 0..=MAX_READERS {
            let hold = backend.hold().unwrap();
            let error = backend.read(hold, |_| panic!("as if by mistake")).await.unwrap_err();
            assert_eq!(error.to_string(), "refused: panicked: as if by mistake");
        }
        let params = QueryParams::Server(hat_event_common::QueryServerParams::new(ServerId::from(1)));
        assert_eq!(backend.query(params).await.unwrap(), QueryResult::default());
        tokio::time::timeout(Duration::from_secs(20), backend.async_close()).await.expect("it ends");
    }
}
