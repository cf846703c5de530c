//! The engine: sessions, modules, ids and time.

mod ending;
mod ids;
mod panics;
mod rounds;

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, BoxError, Engine, Event, EventPayload, EventType, EventsCb, Lifecycle, Module, ModuleInfo, RegisterEvent,
    Registry, Resource, ServerId, SessionId, Source, SourceType, Subscription, Timestamp,
};
use hat_event_server::engine::{EngineParams, ServerEngine, Sessions};
use serde_json::{Value, json};

/// What was registered, batch by batch.
type Log = Arc<Mutex<Vec<Arc<[Event]>>>>;

/// A memory backend that tells what it registers.
fn backend() -> (Arc<dyn Backend>, Log) {
    let log: Log = Arc::default();
    let registered = Arc::clone(&log);
    let callback = EventsCb::new(move |events| {
        lock(&registered).push(events);
        async {}
    });
    (Arc::new(MemoryBackend::new(Some(callback), None)), log)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn sessions(backend: &Arc<dyn Backend>) -> Arc<tokio::sync::Mutex<Sessions>> {
    sessions_with(backend, Timestamp::now).await
}

async fn sessions_with(
    backend: &Arc<dyn Backend>,
    clock: impl Fn() -> Timestamp + Send + Sync + 'static,
) -> Arc<tokio::sync::Mutex<Sessions>> {
    let sessions = Sessions::new(Arc::clone(backend), ServerId::from(1), Arc::new(clock)).await;
    Arc::new(tokio::sync::Mutex::new(sessions.unwrap()))
}

async fn try_create(
    backend: &Arc<dyn Backend>,
    sessions: Arc<tokio::sync::Mutex<Sessions>>,
    modules: &[Value],
    calls: &Calls,
) -> Result<ServerEngine, BoxError> {
    let params = EngineParams {
        backend: Arc::clone(backend),
        server_id: ServerId::from(1),
        sessions,
        max_session_events: 1000,
        client_names: Box::new(|| vec![(client(7), "seven".to_owned())]),
        restart: Box::new(|| {}),
        reset_monitor_ready: Box::new(|| {}),
    };
    let mut infos = Registry::new();
    infos.insert("answer", Answer::info(Arc::clone(calls)));
    ServerEngine::create(params, &infos, modules).await
}

async fn create(backend: &Arc<dyn Backend>, modules: &[Value], calls: &Calls) -> ServerEngine {
    try_create(backend, sessions(backend).await, modules, calls).await.unwrap()
}

/// A source of events.
fn client(id: u64) -> Source {
    Source::new(SourceType::Eventer, id)
}

fn event(event_type: &str) -> RegisterEvent {
    RegisterEvent { event_type: event_type.parse().unwrap(), source_timestamp: None, payload: None }
}

/// Types and instances of a batch.
fn outline(events: &[Event]) -> Vec<(String, u64)> {
    events.iter().map(|event| (event.event_type.to_string(), event.id.instance.get())).collect()
}

/// What modules were called with.
type Calls = Arc<Mutex<Vec<String>>>;

/// Answers events of some types: `{"on": "a/*|b", "add": ["b", "c"]}`. `"fail"`, `"panic"` and `"close"` instead of `add` do that.
#[derive(Debug)]
struct Answer {
    lifecycle: Lifecycle,
    subscription: Subscription,
    conf: Value,
    source: Source,
    calls: Calls,
}

impl Answer {
    fn info(calls: Calls) -> ModuleInfo {
        ModuleInfo::new(move |conf: Value, engine: Arc<dyn Engine>, source| {
            let calls = Arc::clone(&calls);
            async move {
                assert_eq!(engine.server_id(), ServerId::from(1));
                if let Some(reason) = conf["refuse"].as_str() {
                    return Err(reason.into());
                }
                if let Some(reason) = conf["panic when made"].as_str() {
                    panic!("{reason}");
                }
                if conf["never made"] == true {
                    lock(&calls).push("is being made".to_owned());
                    std::future::pending::<()>().await;
                }
                let on = conf["on"].as_str().unwrap_or("*").split('|').map(str::parse::<EventType>);
                let subscription = Subscription::new(on.collect::<Result<Vec<_>, _>>()?)?;
                Ok(Self { lifecycle: Lifecycle::new(), subscription, conf, source, calls })
            }
        })
    }

    fn note(&self, what: String) {
        lock(&self.calls).push(format!("{} {what}", self.source.id));
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.note(format!("is gone, closed: {}", self.is_closed()));
    }
}

impl Resource for Answer {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Module for Answer {
    fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    async fn on_session_start(&mut self, session_id: SessionId) -> Result<(), BoxError> {
        self.note(format!("starts {session_id}"));
        Ok(())
    }

    async fn on_session_stop(&mut self, session_id: SessionId) -> Result<(), BoxError> {
        self.note(format!("stops {session_id}"));
        Ok(())
    }

    async fn process(&mut self, source: Source, event: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
        self.note(format!("gets {} of {:?} {}", event.event_type, source.source_type, source.id));
        if let Some(reason) = self.conf["fail"].as_str() {
            return Err(reason.into());
        }
        if let Some(reason) = self.conf["panic"].as_str() {
            panic!("{reason}");
        }
        if self.conf["close"] == true {
            self.close();
        }
        let added = self.conf["add"].as_array().into_iter().flatten();
        let payload = || EventPayload::json(&event.id.instance.get()).ok();
        Ok(added.map(|name| RegisterEvent { payload: payload(), ..self::event(name.as_str().unwrap()) }).collect())
    }
}

fn module(conf: Value) -> Value {
    let mut conf = conf;
    conf["module"] = json!("answer");
    conf
}
