use std::sync::Arc;

use async_trait::async_trait;
use hat_event_types::{Event, EventId, QueryParams, QueryResult, ServerId, Timestamp};
use serde_json::Value;

use crate::callback::{BoxFuture, EventsCb};
use crate::{BoxError, PluginError, PluginInfo, Registry, Resource, UnknownPluginError};

/// Keeps events.
///
/// # Contract
///
/// **Concurrency.** Every method may be called at any time by any number of tasks. Calls of [`Self::register`] take effect in
/// the order in which their futures are first polled. Batches of one server begin in rising order of ids: whoever
/// registers polls one before the next, and need not wait for its end, which may be that of a write to disk.
///
/// **What is kept.** Which events are kept, and for how long, is up to the backend and its configuration. An event is known
/// already, and not kept again, if its id is not above the last one kept of its server. Whoever keeps events
/// [detaches](Event::detach) them.
///
/// **Visibility.** A query sees all that is kept of a registered batch, or nothing of it. It sees all once
/// [`Self::register`] has returned, and from before the registered callback is called.
///
/// **Callbacks.** A backend is made with two of them. *Registered* is called with each registered batch, before
/// `register` returns. *Flushed* is called with it once it is persisted, and before the [`Self::flush`] that persisted it
/// returns; batches arrive there in the order of registration, that of all servers: a batch with which *registered* was
/// called before another `register` began arrives first. Both get the batch as it was given, known events included. A
/// callback may query; it must not wait for a call of `register`, `flush` or
/// [`async_close`](Resource::async_close) of the same backend.
///
/// **Dropping.** A call whose future is dropped either has no effect, or goes on to its end with nobody waiting for it: its
/// batch is kept whole, and both callbacks are called and come to their ends. What is registered next comes after it.
/// [`Turns`](crate::Turns) does this for calls that are made one after the other.
///
/// **Closing.** Once closing is requested, every method fails with [`BackendError::Closed`]. Calls that are under way end,
/// with success or with that error. A backend is closed when all that it registered is persisted and no call is under
/// way. Opened again on the same storage, it has all of it.
///
/// **Ids given out.** An id that somebody was told of must never be given out again, also if what was registered with it is
/// lost because the process was killed. So whoever gives out ids reserves them first, with [`Self::reserve_event_ids`].
///
/// **Errors.** [`BackendError::Closed`], [`BackendError::InvalidQuery`] and [`BackendError::Refused`] mean nothing but what they
/// say. Any other error means that the backend cannot go on, and it closes by itself. Nothing of a batch is kept whose
/// registration failed. A panic in [`Self::register`] or [`Self::reserve_event_ids`] means to an engine that the backend cannot go on.
///
/// The module `conformance`, behind the feature of that name, holds any implementation to all of this.
#[async_trait]
pub trait Backend: Resource {
    /// The last id that was kept of a server; session 0 and instance 0 if there is none.
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError>;

    /// The latest timestamp that was kept of a server, if the backend knows that when it is opened again.
    ///
    /// Whoever gives out timestamps does not go back behind it, whatever the clock says.
    async fn get_last_timestamp(&self, _server_id: ServerId) -> Result<Option<Timestamp>, BackendError> {
        Ok(None)
    }

    /// Makes sure that [`Self::get_last_event_id`] returns at least `last`, also from a backend that is opened again on the
    /// same storage after this one was killed. It takes the place of what was reserved for that server before.
    ///
    /// When it returns, ids up to `last` may be given out. Which events are known does not depend on it. A backend that
    /// keeps nothing beyond the process has nothing to do.
    ///
    /// # Errors
    ///
    /// [`BackendError::Refused`] if it could not be stored; what was reserved before still is.
    async fn reserve_event_ids(&self, _last: EventId) -> Result<(), BackendError> {
        Ok(())
    }

    /// Registers a batch of events.
    ///
    /// Returns the batch, which is the same shared memory unless the backend changed events, with as many events in
    /// the same order; or `None` if it was refused as a whole, and nothing is kept.
    ///
    /// # Errors
    ///
    /// [`BackendError::Refused`] if the batch cannot be kept, or not now.
    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError>;

    /// Finds events.
    ///
    /// `more_follows` tells whether more events match than are returned. A page may be shorter than `max_results`, if the
    /// backend has a limit of its own, but it is never empty while more follow. With `max_results` 0 there are no events, and
    /// `more_follows` tells whether any match.
    ///
    /// - **Latest**: of every event type that matches, the latest event: one takes the place of another unless that one
    ///   [follows](Event::follows) it. In any order, and all at once.
    /// - **Timeseries**: ordered by timestamp, or by source timestamp, and where those are equal by id; all of it
    ///   reversed in descending order. Bounds are inclusive. Events without a source timestamp are left out when results are
    ///   ordered by it, and when one of its bounds is given. With `last_event_id`, results begin after that event; if
    ///   it is not among the kept events between the bounds of the time that orders, there are none.
    /// - **Server**: in the order of ids, beginning above `last_event_id`, which has to be of the same server. With
    ///   `persisted`, only events with which the flushed callback was called or is about to be.
    ///
    /// These are the rules of the reference's LMDB backend.
    ///
    /// # Errors
    ///
    /// [`BackendError::InvalidQuery`] if a query type has a `*` that is not last, or `last_event_id` is of another
    /// server than the one that is asked for.
    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError>;

    /// Persists all that was registered before, and calls the flushed callback with it.
    async fn flush(&self) -> Result<(), BackendError>;
}

/// The backend is closed, or is closing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("backend is closed")]
pub struct BackendClosedError;

/// Why a backend did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The backend is closed, or is closing.
    #[error(transparent)]
    Closed(#[from] BackendClosedError),
    /// The parameters of a query contradict themselves.
    #[error("invalid query: {0}")]
    InvalidQuery(BoxError),
    /// What was asked for was not done, and nothing of it is kept. The backend goes on, and may do it later.
    #[error("refused: {0}")]
    Refused(BoxError),
    /// The backend cannot go on.
    #[error(transparent)]
    Failed(#[from] BoxError),
}

/// Configuration of a backend: JSON, with the backend's name under the key `module`.
pub type BackendConf = Value;

/// Called with every batch that a backend registered.
pub type BackendRegisteredEventsCb = EventsCb;

/// Called with every batch that a backend persisted.
pub type BackendFlushedEventsCb = EventsCb;

/// Makes a backend of its configuration and two callbacks.
pub type CreateBackend = Arc<
    dyn Fn(
            BackendConf,
            Option<BackendRegisteredEventsCb>,
            Option<BackendFlushedEventsCb>,
        ) -> BoxFuture<Result<Arc<dyn Backend>, BoxError>>
        + Send
        + Sync,
>;

/// What is known about a backend before there is one: how it is made, and of which configuration.
///
/// ```
/// # use hat_event_plugin::*;
/// # async fn open(_path: &str) -> Result<Never, BoxError> { Err("no such file".into()) }
/// # #[derive(Debug)]
/// # enum Never {}
/// # impl Resource for Never { fn lifecycle(&self) -> &Lifecycle { match *self {} } }
/// # use hat_event_types::*;
/// # use std::sync::Arc;
/// # #[async_trait::async_trait]
/// # impl Backend for Never {
/// #     async fn get_last_event_id(&self, _: ServerId) -> Result<EventId, BackendError> { match *self {} }
/// #     async fn register(&self, _: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> { match *self {} }
/// #     async fn query(&self, _: QueryParams) -> Result<QueryResult, BackendError> { match *self {} }
/// #     async fn flush(&self) -> Result<(), BackendError> { match *self {} }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let mut repo = SchemaRepository::new();
/// repo.add(serde_json::json!({
///     "$id": "my://backend.yaml",
///     "required": ["db_path"],
///     "properties": {"db_path": {"type": "string"}},
/// }))?;
/// let info = BackendInfo::new(|conf, _registered_cb, _flushed_cb| async move {
///     open(conf["db_path"].as_str().unwrap_or_default()).await
/// });
/// let mut registry = Registry::new();
/// registry.insert("my.backend", info.with_schema("my://backend.yaml", repo));
///
/// let conf = serde_json::json!({"module": "my.backend", "db_path": 7});
/// let result = import_backend_info(&registry, "my.backend")?.create(conf, None, None).await;
/// assert_eq!(
///     result.unwrap_err().to_string(),
///     "configuration is not as my://backend.yaml says: \
///      7 is not of type \"string\", at /db_path (my://backend.yaml#/properties/db_path/type)"
/// );
/// # let conf = serde_json::json!({"db_path": ""});
/// # let result = registry.get("my.backend")?.create(conf, None, None).await;
/// # assert_eq!(result.unwrap_err().to_string(), "no such file");
/// # Ok(())
/// # }
/// ```
pub type BackendInfo = PluginInfo<CreateBackend>;

impl BackendInfo {
    /// Makes it of a function that makes the backend.
    pub fn new<B, F, Fut>(create: F) -> Self
    where
        B: Backend,
        F: Fn(BackendConf, Option<BackendRegisteredEventsCb>, Option<BackendFlushedEventsCb>) -> Fut,
        F: Send + Sync + 'static,
        Fut: Future<Output = Result<B, BoxError>> + Send + 'static,
    {
        Self::of(Arc::new(move |conf, registered_cb, flushed_cb| {
            let backend = create(conf, registered_cb, flushed_cb);
            Box::pin(async move { Ok(Arc::new(backend.await?) as Arc<dyn Backend>) })
        }))
    }

    /// Checks a configuration, and makes a backend of it.
    ///
    /// # Errors
    ///
    /// [`PluginError::Conf`] if the configuration is not as the schema says, [`PluginError::Create`] if the backend cannot
    /// be made.
    pub async fn create(
        &self,
        conf: BackendConf,
        registered_cb: Option<BackendRegisteredEventsCb>,
        flushed_cb: Option<BackendFlushedEventsCb>,
    ) -> Result<Arc<dyn Backend>, PluginError> {
        self.validate(&conf).map_err(PluginError::Conf)?;
        (self.create)(conf, registered_cb, flushed_cb).await.map_err(PluginError::Create)
    }
}

/// Finds a backend by the name that its configuration has under `module`.
///
/// # Errors
///
/// [`UnknownPluginError`], which lists the known names.
pub fn import_backend_info<'a>(
    registry: &'a Registry<BackendInfo>,
    name: &str,
) -> Result<&'a BackendInfo, UnknownPluginError> {
    registry.get(name)
}
