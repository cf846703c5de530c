//! Engines with modules that answer events, so that a session goes on for some rounds.

use std::sync::Arc;

use async_trait::async_trait;
use hat_event_backends::DummyBackend;
use hat_event_common::{
    Backend, BoxError, Engine, Event, EventType, EventsCb, Lifecycle, Module, ModuleInfo, RegisterEvent, Registry,
    Resource, ServerId, SessionId, Source, SourceType, Subscription, Timestamp,
};
use hat_event_server::engine::{EngineParams, ServerEngine, Sessions};
use serde_json::{Value, json};
use tokio::sync::Mutex;

/// So many modules there are, and so many times events are answered by further ones.
pub(crate) const MODULES: u64 = 1000;
pub(crate) const DEPTH: u64 = 10;

/// Configurations of modules, and what a session registers.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) confs: Vec<Value>,
    pub(crate) events: Vec<RegisterEvent>,
    /// How many events the session has in the end.
    pub(crate) count: u64,
}

/// A thousand events, of a type for each module: it alone processes them, and answers them with the same type.
pub(crate) fn own() -> Workload {
    let conf = |number: u64| conf(&["a", &number.to_string()], &["a", &number.to_string()], 1, DEPTH);
    let event = |number: u64| register(["a", &number.to_string()].into());
    let (confs, events) = ((0..MODULES).map(conf).collect(), (0..MODULES).map(event).collect());
    Workload { name: "each type of one module", confs, events, count: MODULES * (1 + DEPTH) }
}

/// One event, which all modules process. In each round another of them answers.
pub(crate) fn every() -> Workload {
    let conf = |number: u64| conf(&["*"], &["a"], number, number.min(DEPTH));
    let confs = (1..=MODULES).map(conf).collect();
    Workload { name: "one type of all modules", confs, events: vec![register(["a"].into())], count: 1 + DEPTH }
}

/// A module that processes some events, and answers those of a session that it gets as number `first` to `last`.
fn conf(on: &[&str], answer: &[&str], first: u64, last: u64) -> Value {
    json!({"module": "compare_engine", "on": on, "answer": answer, "first": first, "last": last})
}

fn register(event_type: EventType) -> RegisterEvent {
    RegisterEvent { event_type, source_timestamp: None, payload: None }
}

/// Who registers what is given.
pub(crate) fn source() -> Source {
    Source::new(SourceType::Eventer, 1)
}

/// An engine on a backend that keeps nothing, and whom it tells what is registered.
pub(crate) async fn engine(confs: &[Value], registered_cb: Option<EventsCb>) -> Result<ServerEngine, BoxError> {
    let backend: Arc<dyn Backend> = Arc::new(DummyBackend::new(registered_cb, None));
    let sessions = Sessions::new(Arc::clone(&backend), ServerId::from(1), Arc::new(Timestamp::now)).await?;
    let params = EngineParams {
        backend,
        server_id: ServerId::from(1),
        sessions: Arc::new(Mutex::new(sessions)),
        max_session_events: 1_000_000,
        client_names: Box::new(Vec::new),
        restart: Box::new(|| {}),
        reset_monitor_ready: Box::new(|| {}),
    };
    let mut infos = Registry::new();
    infos.insert("compare_engine", ModuleInfo::new(|conf, _: Arc<dyn Engine>, _| async move { Answer::new(&conf) }));
    ServerEngine::create(params, &infos, confs).await
}

#[derive(Debug)]
struct Answer {
    lifecycle: Lifecycle,
    subscription: Subscription,
    answer: EventType,
    first: u64,
    last: u64,
    /// How many events of the session it got.
    got: u64,
}

impl Answer {
    fn new(conf: &Value) -> Result<Self, BoxError> {
        let event_type =
            |key: &str| -> EventType { conf[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect() };
        let number = |key: &str| conf[key].as_u64().ok_or("a number is missing");
        Ok(Self {
            lifecycle: Lifecycle::new(),
            subscription: Subscription::new([event_type("on")])?,
            answer: event_type("answer"),
            first: number("first")?,
            last: number("last")?,
            got: 0,
        })
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

    async fn on_session_start(&mut self, _session_id: SessionId) -> Result<(), BoxError> {
        self.got = 0;
        Ok(())
    }

    async fn process(&mut self, _source: Source, _event: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
        self.got += 1;
        let is_answered = (self.first..=self.last).contains(&self.got);
        Ok(is_answered.then(|| register(self.answer.clone())).into_iter().collect())
    }
}
