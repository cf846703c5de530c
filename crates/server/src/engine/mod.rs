//! The engine: sessions, and the modules that answer events.

mod create;
mod end;
mod modules;
mod register;
mod sessions;

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendError, Engine, EngineError, Event, Lifecycle, QueryParams, QueryResult, RegisterEvent, Resource,
    ServerId, Source, Turns, catch_panic,
};
use tokio::sync::Mutex;

use modules::Modules;
pub use sessions::{Clock, Sessions};

/// Runs the sessions of a server: `plugin`'s contract [`Engine`], as `hat.event.server.engine` keeps it.
///
/// A session runs in the task that registers, when those before it have run. The next one begins once the backend has taken the
/// events, which may be before they are on disk.
///
/// A module must not wait for [`Engine::register`] while it is made or processes an event: its own session, or the first one,
/// would have to end before. It may do so in a task of its own.
///
/// A session in which a module adds more than [`EngineParams::max_session_events`] is refused, and the engine goes on: whoever
/// registers something else is not to suffer for it. A module that fails, panics or closes ends the engine,
/// and so does a backend.
///
/// Clones are of one engine.
#[derive(Clone)]
pub struct ServerEngine {
    shared: Arc<Shared>,
}

struct Shared {
    lifecycle: Lifecycle,
    params: EngineParams,
    turns: Turns,
    modules: Mutex<Modules>,
    /// Why the engine closed by itself.
    failure: OnceLock<Arc<str>>,
    /// Whether it is registered that it started.
    started: AtomicBool,
}

/// What an engine is made of.
pub struct EngineParams {
    /// Keeps the events.
    pub backend: Arc<dyn Backend>,
    /// The server that ids are given out for.
    pub server_id: ServerId,
    /// Gives them out; it outlives the engine.
    pub sessions: Arc<Mutex<Sessions>>,
    /// How many events a session may have, those that modules add included.
    pub max_session_events: usize,
    /// The names of connected clients.
    pub client_names: Box<dyn Fn() -> Vec<(Source, String)> + Send + Sync>,
    /// Called when a module asks for a new engine.
    pub restart: Box<dyn Fn() + Send + Sync>,
    /// Called when a module asks that the monitor is told again that this server is ready.
    pub reset_monitor_ready: Box<dyn Fn() + Send + Sync>,
}

impl ServerEngine {
    /// Why the engine closed by itself, if it did.
    pub fn failure(&self) -> Option<Arc<str>> {
        self.shared.failure.get().cloned()
    }
}

impl Resource for ServerEngine {
    fn lifecycle(&self) -> &Lifecycle {
        &self.shared.lifecycle
    }
}

#[async_trait]
impl Engine for ServerEngine {
    fn server_id(&self) -> ServerId {
        self.shared.params.server_id
    }

    async fn register(&self, source: Source, events: Vec<RegisterEvent>) -> Result<Option<Vec<Event>>, EngineError> {
        let events = self.register_shared(source, events).await?;
        Ok(events.map(|events| events.to_vec()))
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, EngineError> {
        let _hold = self.lifecycle().hold().ok_or(EngineError::Closed)?;
        let result = catch_panic(self.shared.params.backend.query(params)).await;
        Ok(result.map_err(|panic| BackendError::Refused(panic.into()))??)
    }

    fn get_client_names(&self) -> Vec<(Source, String)> {
        (self.shared.params.client_names)()
    }

    fn restart(&self) {
        (self.shared.params.restart)();
    }

    fn reset_monitor_ready(&self) {
        (self.shared.params.reset_monitor_ready)();
    }
}

impl fmt::Debug for ServerEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerEngine").field("server_id", &self.shared.params.server_id).finish_non_exhaustive()
    }
}

impl fmt::Debug for EngineParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineParams").field("server_id", &self.server_id).finish_non_exhaustive()
    }
}
