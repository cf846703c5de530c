use async_trait::async_trait;
use hat_event_types::{Event, QueryParams, QueryResult, RegisterEvent, ServerId};

use crate::{BackendError, BoxError, Resource, Source};

/// Gives events their ids and timestamps, lets modules answer them, and registers all of it.
///
/// What happens together is a *session*: the events that a source registers at once, what modules answer to them, and
/// what they answer to the answers, until nobody has anything to add. All events of a session have the same timestamp
/// and session id, and are registered in one batch.
///
/// # Contract
///
/// **Concurrency.** Every method may be called at any time by any number of tasks. Sessions run one at a time, in the
/// order of the calls of [`Self::register`].
///
/// **Visibility.** A query sees all of a session or nothing of it, and all once `register` has returned.
///
/// **Inside a session.** A module must not wait for `register` while it [processes](crate::Module::process): its own
/// session would have to end first. It returns events instead, or registers from a task of its own.
///
/// **Closing.** Once closing is requested, `register` and `query` fail with [`EngineError::Closed`], and calls that are
/// under way end, with success or with that error. An engine closes its modules before it is closed, and it closes by
/// itself when a module or the backend does.
///
/// **Dropping.** A call of `register` whose future is dropped has no effect if its session has not begun; otherwise the session
/// is registered with nobody waiting for it.
///
/// **Errors.** [`EngineError::Closed`] means nothing but what it says. [`EngineError::Backend`] is the backend's own error: an
/// invalid query and a refused session leave the engine open, and with any other the backend closes, and the engine with it.
/// [`EngineError::Refused`] is about one session, for which a module wanted too much for example; the engine goes on.
/// [`EngineError::Failed`] is the error of a module, or of the engine itself, that cannot go on; the engine closes by itself.
/// Of a registration that failed nothing is kept, unless the engine was closed in the middle of it.
#[async_trait]
pub trait Engine: Resource {
    /// The server that ids are given out for.
    fn server_id(&self) -> ServerId;

    /// Registers events in a session of their own.
    ///
    /// Returns them as registered, in the same order and without what modules added; or `None` if the backend refused
    /// the session.
    async fn register(&self, source: Source, events: Vec<RegisterEvent>) -> Result<Option<Vec<Event>>, EngineError>;

    /// Finds events; see [`Backend::query`](crate::Backend::query).
    async fn query(&self, params: QueryParams) -> Result<QueryResult, EngineError>;

    /// The names that connected clients gave themselves.
    fn get_client_names(&self) -> Vec<(Source, String)>;

    /// Requests that the engine is closed and made anew, with its modules.
    fn restart(&self);

    /// Requests that this server tells the monitor again whether it is ready to become active.
    fn reset_monitor_ready(&self);
}

/// Why an engine did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The engine is closed, or is closing.
    #[error("engine is closed")]
    Closed,
    /// The backend did not do what the engine asked it for.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// The session was not registered, and nothing of it is kept. The engine goes on.
    #[error("session refused: {0}")]
    Refused(BoxError),
    /// A module, or the engine itself, cannot go on.
    #[error(transparent)]
    Failed(#[from] BoxError),
}
