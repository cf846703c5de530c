//! The engine: sessions, and the modules that answer events.

mod modules;
mod sessions;

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendError, BoxError, Engine, EngineError, Event, EventPayload, EventType, Hold, Lifecycle, ModuleInfo,
    QueryParams, QueryResult, RegisterEvent, Registry, Resource, ServerId, Source, SourceType, ToItsEnd, Turns,
    import_module_info,
};
use serde_json::Value;
use tokio::sync::Mutex;

use modules::{Modules, Running, SessionError, Stamp};
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
/// registers something else is not to suffer for it. A module that fails, panics or closes ends the engine.
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

/// A session that the backend has taken, and may not have stored yet.
enum Begun {
    Ended(Result<Option<Arc<[Event]>>, BackendError>),
    Running(Registering),
}

/// It goes on when nobody waits for it any more, as the session has begun.
type Registering = ToItsEnd<Result<Option<Arc<[Event]>>, BackendError>>;

impl ServerEngine {
    /// Makes an engine and its modules, and registers that it started, which is the first session.
    ///
    /// # Errors
    ///
    /// If a module cannot be made, or the first session fails; what was made is closed. That the backend refuses the first
    /// session is none. So it is if this is dropped.
    pub async fn create(
        params: EngineParams,
        module_infos: &Registry<ModuleInfo>,
        module_confs: &[Value],
    ) -> Result<Self, BoxError> {
        let shared = Shared {
            lifecycle: Lifecycle::new(),
            params,
            turns: Turns::new(),
            modules: Mutex::default(),
            failure: OnceLock::new(),
            started: AtomicBool::new(false),
        };
        let engine = Self { shared: Arc::new(shared) };
        let hold = || engine.lifecycle().hold().ok_or(EngineError::Closed);
        let (making, ending) = (hold()?, hold()?);
        tokio::spawn(end(Arc::clone(&engine.shared), ending));
        let mut abandoned = CloseOnDrop(Some(engine.lifecycle().clone()));
        let (infos, confs, this) = (module_infos.clone(), module_confs.to_vec(), engine.clone());
        // Modules may register from tasks of theirs; they wait until all are made.
        let started = engine.shared.turns.run(async move {
            let _making = making;
            for (conf, id) in confs.iter().zip(0..) {
                tokio::select! {
                    biased;
                    () = this.shared.lifecycle.wait_closing() => return Err(EngineError::Closed.into()),
                    added = this.add_module(&infos, conf, id) => added?,
                }
            }
            let started = vec![this.shared.status_event("STARTED")];
            let registered = match this.shared.session(Source::new(SourceType::Engine, 0), started).await {
                Ok(Begun::Ended(result)) => result.map_err(EngineError::Backend),
                Ok(Begun::Running(rest)) => rest.await.map_err(EngineError::Backend),
                Err(error) => Err(error),
            };
            match registered {
                Ok(_) => {}
                // Such as on a full disk: what comes later may be taken again.
                Err(EngineError::Backend(BackendError::Refused(reason))) => {
                    tracing::warn!("it is not registered that the engine started: {reason}");
                }
                Err(error) => return Err(error.into()),
            }
            this.shared.started.store(true, Ordering::Relaxed);
            Ok::<_, BoxError>(())
        });
        let started = started.await;
        let backend = engine.shared.params.backend.lifecycle();
        engine.close_with(backend.clone(), "the backend is closed".to_owned());
        if let Err(error) = started {
            engine.async_close().await;
            return Err(error);
        }
        abandoned.0 = None;
        Ok(engine)
    }

    async fn add_module(&self, infos: &Registry<ModuleInfo>, conf: &Value, id: u64) -> Result<(), BoxError> {
        let name = conf.get("module").and_then(Value::as_str).unwrap_or_default().to_owned();
        let source = Source::new(SourceType::Module, id);
        let engine = Arc::new(self.clone()) as Arc<dyn Engine>;
        let module = unwinding(import_module_info(infos, &name)?.create(conf.clone(), engine, source)).await;
        let module = match module {
            Ok(module) => module.map_err(|error| format!("module {name} (/modules/{id}): {error}"))?,
            Err(panic) => return Err(format!("module {name} (/modules/{id}) panicked: {}", panic_text(&*panic)).into()),
        };
        self.close_with(module.lifecycle().clone(), format!("module {name} is closed"));
        self.shared.modules.lock().await.add(Running { source, name, module });
        Ok(())
    }

    /// Closes this engine when something else closes that it depends on.
    fn close_with(&self, other: Lifecycle, reason: String) {
        let shared = Arc::downgrade(&self.shared);
        let own = self.lifecycle().clone();
        tokio::spawn(async move {
            tokio::select! {
                () = other.wait_closing() => {
                    if let Some(shared) = shared.upgrade().filter(|shared| shared.lifecycle.is_open()) {
                        shared.fail(&reason);
                    }
                }
                () = own.wait_closing() => {}
            }
        });
    }

    /// Why the engine closed by itself, if it did.
    pub fn failure(&self) -> Option<Arc<str>> {
        self.shared.failure.get().cloned()
    }

    /// Registers events as [`Engine::register`] does, and returns them in shared memory.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn register_shared(
        &self,
        source: Source,
        events: Vec<RegisterEvent>,
    ) -> Result<Option<Arc<[Event]>>, EngineError> {
        let hold = self.lifecycle().hold().ok_or(EngineError::Closed)?;
        let count = events.len();
        if count == 0 {
            return Ok(Some(Arc::default()));
        }
        let shared = Arc::clone(&self.shared);
        let begun = self.shared.turns.run(async move {
            let _hold = hold;
            shared.session(source, events).await
        });
        // It is held until the backend answers; whoever closes meanwhile waits for that in the backend.
        let result = match begun.await? {
            Begun::Ended(result) => result,
            Begun::Running(rest) => rest.await,
        };
        let events = result.map_err(|error| self.shared.backend_failed(error))?;
        Ok(events.map(|events| match events.get(..count) {
            Some(given) if given.len() < events.len() => given.into(),
            _ => events,
        }))
    }
}

impl Shared {
    fn fail(&self, reason: &str) {
        tracing::error!("the engine closes: {reason}");
        // The first reason is the cause of the others.
        let _ = self.failure.set(reason.into());
        self.lifecycle.close();
    }

    /// Runs a session, and has the backend begin to register it. It is called by one at a time.
    async fn session(&self, source: Source, events: Vec<RegisterEvent>) -> Result<Begun, EngineError> {
        if self.lifecycle.is_closing() {
            return Err(EngineError::Closed);
        }
        let mut sessions = self.params.sessions.lock().await;
        let (last, timestamp) = sessions.next().await.map_err(|error| self.backend_failed(error))?;
        let mut stamp = Stamp { last, timestamp };
        let mut modules = self.modules.lock().await;
        let events = {
            let session = modules.session(source, events, &mut stamp, self.params.max_session_events);
            let outcome = unwinding(session).await;
            sessions.used(stamp.last);
            outcome
        };
        let events = match events {
            Ok(Ok(events)) => events,
            Ok(Err(SessionError::TooLarge(reason))) => {
                tracing::error!("session {} is refused: {reason}", last.session);
                return Err(EngineError::Refused(reason));
            }
            Ok(Err(SessionError::Module(error))) => {
                self.fail(&error.to_string());
                return Err(EngineError::Failed(error));
            }
            Err(panic) => {
                let text = format!("a module panicked: {}", panic_text(&*panic));
                self.fail(&text);
                return Err(EngineError::Failed(text.into()));
            }
        };
        drop((modules, sessions));
        let backend = Arc::clone(&self.params.backend);
        let mut registering: Registering = ToItsEnd::new(async move { backend.register(events).await });
        // It takes effect with the first poll, in the order of sessions. The rest need not be waited for here.
        let first = std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut registering).poll(context))).await;
        Ok(match first {
            Poll::Ready(result) => Begun::Ended(result),
            Poll::Pending => Begun::Running(registering),
        })
    }

    /// What an error of the backend means to whoever registers; with most, the backend closes, and so does the engine.
    fn backend_failed(&self, error: BackendError) -> EngineError {
        match &error {
            BackendError::InvalidQuery(_) | BackendError::Refused(_) => {}
            BackendError::Closed(_) if self.lifecycle.is_closing() => return EngineError::Closed,
            _ => self.fail(&format!("the backend failed: {error}")),
        }
        EngineError::Backend(error)
    }

    fn status_event(&self, status: &str) -> RegisterEvent {
        let event_type = EventType::from(["event", &self.params.server_id.to_string(), "engine"]);
        RegisterEvent { event_type, source_timestamp: None, payload: EventPayload::json(status).ok() }
    }

    /// Without modules: they take part in sessions only while the engine is open.
    async fn register_stopped(&self) -> Result<(), BackendError> {
        let mut sessions = self.params.sessions.lock().await;
        let (last, timestamp) = sessions.next().await?;
        let mut stamp = Stamp { last, timestamp };
        let event = stamp.event(self.status_event("STOPPED"));
        sessions.used(stamp.last);
        self.params.backend.register(Arc::new([event])).await?;
        sessions.end().await
    }
}

/// Closes an engine that nobody waits for any more while it is made.
struct CloseOnDrop(Option<Lifecycle>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.iter().for_each(Lifecycle::close);
    }
}

/// Ends an engine once closing is requested and the last session has run.
async fn end(shared: Arc<Shared>, hold: Hold) {
    hold.wait_last().await;
    if shared.started.load(Ordering::Relaxed)
        && let Err(error) = shared.register_stopped().await
    {
        tracing::warn!("it is not registered that the engine stopped: {error}");
    }
    shared.modules.lock().await.close().await;
    drop(hold);
}

/// Waits for a future, and catches a panic in it.
async fn unwinding<T>(future: impl Future<Output = T>) -> Result<T, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        match poll {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it did not say why")
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
        Ok(self.shared.params.backend.query(params).await?)
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
