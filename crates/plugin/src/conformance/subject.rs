use std::fmt;
use std::sync::Arc;

use hat_event_types::{Event, EventId, QueryParams, QueryResult, ServerId};
use tokio::sync::mpsc;

use crate::{Backend, BackendConf, BackendError, BackendInfo, EventsCb};

/// Where a backend keeps events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere: it forgets them at once. Only the rules that need no storage apply.
    Nothing,
    /// In itself: they are gone when it is closed.
    WhileOpen,
    /// Outside: made again of the same configuration, it has them.
    Persistent,
}

/// A backend that is to be checked.
pub struct Subject {
    pub(super) storage: Storage,
    info: BackendInfo,
    new_conf: Box<dyn Fn() -> BackendConf + Send + Sync>,
}

impl Subject {
    /// Names a backend to check.
    ///
    /// Every call of `new_conf` gives the configuration of a backend that has no events yet (a new folder, say) and keeps
    /// all events, in the latest state and in the history ordered by either time, without limits on their age or
    /// number. It may limit how many events a query returns, to no fewer than 100.
    pub fn new(
        info: BackendInfo,
        storage: Storage,
        new_conf: impl Fn() -> BackendConf + Send + Sync + 'static,
    ) -> Self {
        Self { storage, info, new_conf: Box::new(new_conf) }
    }

    pub(super) fn new_conf(&self) -> BackendConf {
        (self.new_conf)()
    }

    /// Makes a backend, and records the calls of its callbacks.
    pub(super) async fn open(&self, conf: BackendConf) -> Result<Opened, Nonconformance> {
        let (registered_cb, registered) = Recorder::new();
        let (flushed_cb, flushed) = Recorder::new();
        let backend = self.open_with(conf, Some(registered_cb), Some(flushed_cb)).await?;
        Ok(Opened { backend, registered, flushed })
    }

    pub(super) async fn open_with(
        &self,
        conf: BackendConf,
        registered_cb: Option<EventsCb>,
        flushed_cb: Option<EventsCb>,
    ) -> Result<Arc<dyn Backend>, Nonconformance> {
        let backend = self.info.create(conf, registered_cb, flushed_cb).await;
        backend.map_err(|error| Nonconformance::new(format!("no backend could be made: {error}")))
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("storage", &self.storage).field("info", &self.info).finish_non_exhaustive()
    }
}

/// A rule that a backend breaks: what was expected, and what was found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct Nonconformance {
    what: String,
}

impl Nonconformance {
    pub(super) fn new(what: String) -> Self {
        Self { what }
    }
}

/// Returns a [`Nonconformance`] unless a condition holds.
macro_rules! ensure {
    ($condition:expr, $($what:tt)+) => {
        if !$condition {
            return Err($crate::conformance::Nonconformance::new(format!($($what)+)));
        }
    };
}
pub(super) use ensure;

/// A backend, and what its callbacks were called with.
pub(super) struct Opened {
    pub(super) backend: Arc<dyn Backend>,
    pub(super) registered: Recorder,
    pub(super) flushed: Recorder,
}

impl Opened {
    pub(super) async fn register(&self, batch: &[Event]) -> Result<(), Nonconformance> {
        register(&*self.backend, batch).await
    }

    pub(super) async fn flush(&self) -> Result<(), Nonconformance> {
        self.backend.flush().await.map_err(|error| failed("flush", &error))
    }

    pub(super) async fn query(&self, params: impl Into<QueryParams>) -> Result<QueryResult, Nonconformance> {
        query(&*self.backend, params).await
    }

    pub(super) async fn last_event_id(&self, server_id: ServerId) -> Result<EventId, Nonconformance> {
        self.backend.get_last_event_id(server_id).await.map_err(|error| failed("get_last_event_id", &error))
    }

    pub(super) async fn close(self) -> Result<Recorder, Nonconformance> {
        self.backend.async_close().await;
        ensure!(self.backend.is_closed(), "async_close returned, and the backend is not closed");
        Ok(self.flushed)
    }
}

/// Registers a batch, and holds the answer against it.
pub(super) async fn register(backend: &dyn Backend, batch: &[Event]) -> Result<(), Nonconformance> {
    let returned = backend.register(batch.into()).await.map_err(|error| failed("register", &error))?;
    let Some(returned) = returned else {
        return Err(Nonconformance::new("register refused a batch".to_owned()));
    };
    ensure!(
        ids(&returned) == ids(batch),
        "register was given the events {:?} and returned {:?}",
        ids(batch),
        ids(&returned)
    );
    Ok(())
}

pub(super) async fn query(
    backend: &dyn Backend,
    params: impl Into<QueryParams>,
) -> Result<QueryResult, Nonconformance> {
    backend.query(params.into()).await.map_err(|error| failed("query", &error))
}

fn failed(method: &str, error: &BackendError) -> Nonconformance {
    Nonconformance::new(format!("{method} failed on an open backend: {error}"))
}

/// Ids of events, short enough for messages.
pub(super) fn ids(events: &[Event]) -> Vec<(u64, u64, u64)> {
    events.iter().map(|event| (event.id.server.get(), event.id.session.get(), event.id.instance.get())).collect()
}

/// The batches that a callback was called with.
pub(super) struct Recorder {
    batches: mpsc::UnboundedReceiver<Arc<[Event]>>,
}

impl Recorder {
    pub(super) fn new() -> (EventsCb, Self) {
        let (sender, batches) = mpsc::unbounded_channel();
        let callback = EventsCb::new(move |events| {
            // Fails when the recorder is gone, and then nobody asks.
            let _ = sender.send(events);
            async {}
        });
        (callback, Self { batches })
    }

    /// The batches since the last time.
    pub(super) fn take(&mut self) -> Vec<Arc<[Event]>> {
        std::iter::from_fn(|| self.batches.try_recv().ok()).collect()
    }
}
