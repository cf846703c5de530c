//! How engines end.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendError, Engine, EngineError, Event, EventId, Lifecycle, QueryParams, QueryResult, Resource,
    ServerId, Turns,
};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Calls, backend, client, create, event, lock, module, sessions, try_create};

/// An engine with one module ends when the module gets an event.
async fn ends_with(conf: Value, failure: &str) {
    let (backend, log) = backend();
    let engine = create(&backend, &[module(conf)], &Calls::default()).await;
    let result = engine.register(client(1), vec![event("a")]).await;
    engine.wait_closed().await;
    assert_eq!(engine.failure().as_deref(), Some(failure), "{result:?}");
    let registered =
        lock(&log).iter().flat_map(|batch| batch.iter()).filter(|event| event.event_type.to_string() == "a").count();
    assert_eq!(registered > 0, result.is_ok(), "nothing is kept of what failed");
    let error = engine.register(client(1), vec![event("b")]).await.unwrap_err();
    assert!(matches!(error, EngineError::Closed));
    let last = lock(&log).last().unwrap()[0].payload.clone();
    assert_eq!(last.unwrap().parse::<String>().unwrap(), "STOPPED");
}

#[tokio::test]
async fn a_module_that_cannot_go_on_ends_it() {
    ends_with(json!({"on": "a", "fail": "no more"}), "module answer cannot go on: no more").await;
}

#[tokio::test]
async fn a_module_that_panics_ends_it() {
    ends_with(json!({"on": "a", "panic": "as if by mistake"}), "a module panicked: as if by mistake").await;
}

#[tokio::test]
async fn a_module_that_closes_ends_it() {
    ends_with(json!({"on": "a", "close": true}), "module answer is closed").await;
}

#[tokio::test]
async fn a_module_that_cannot_be_made_prevents_it() {
    let (backend, log) = backend();
    let modules = [module(json!({})), module(json!({"refuse": "not today"}))];
    let error = try_create(&backend, sessions(&backend).await, &modules, &Calls::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "module answer (/modules/1): not today");
    let modules = [module(json!({})), module(json!({"panic when made": "as if by mistake"}))];
    let error = try_create(&backend, sessions(&backend).await, &modules, &Calls::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "module answer (/modules/1) panicked: as if by mistake");
    let unknown = json!({"module": "nobody"});
    let error = try_create(&backend, sessions(&backend).await, &[unknown], &Calls::default()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no plugin nobody; known are answer");
    assert!(lock(&log).is_empty());
}

#[tokio::test]
async fn an_engine_that_nobody_waits_for_is_closed_with_its_modules() {
    let (backend, log) = backend();
    let calls = Calls::default();
    let modules = [module(json!({})), module(json!({"never made": true}))];
    let mut creating = Box::pin(try_create(&backend, sessions(&backend).await, &modules, &calls));
    while lock(&calls).is_empty() {
        assert!(creating.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        tokio::task::yield_now().await;
    }
    drop(creating);
    let closed = async {
        while lock(&calls).last().unwrap() != "0 is gone, closed: true" {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), closed).await.expect("the first module is closed");
    assert!(lock(&log).is_empty(), "it did not start");
}

#[tokio::test]
async fn a_backend_that_closes_ends_it() {
    let (backend, _) = backend();
    let engine = create(&backend, &[], &Calls::default()).await;
    backend.async_close().await;
    engine.wait_closed().await;
    assert_eq!(engine.failure().as_deref(), Some("the backend is closed"));
}

#[tokio::test]
async fn a_dropped_call_has_no_effect_or_all_of_it() {
    let (backend, log) = backend();
    let engine = create(&backend, &[], &Calls::default()).await;
    let mut calls: Vec<_> =
        (0..20).map(|_| Box::pin(engine.register(client(1), vec![event("a"), event("b")]))).collect();
    for call in calls.iter_mut().take(10) {
        let polled = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(_) | Poll::Pending));
    }
    drop(calls);
    engine.register(client(1), vec![event("c")]).await.unwrap();
    engine.async_close().await;
    let batches = lock(&log).clone();
    let sessions: Vec<_> = batches.iter().map(|batch| batch[0].id.session.get()).collect();
    assert!(sessions.is_sorted() && batches.len() <= 3 + 10, "{sessions:?}");
    assert!(batches.iter().all(|batch| batch.len() == if batch[0].event_type.to_string() == "a" { 2 } else { 1 }));
}

/// A backend that takes one batch after the other, once the gate is open.
#[derive(Debug)]
struct Gate {
    inner: Arc<dyn Backend>,
    turns: Turns,
    open: watch::Sender<bool>,
}

impl Resource for Gate {
    fn lifecycle(&self) -> &Lifecycle {
        self.inner.lifecycle()
    }
}

#[async_trait]
impl Backend for Gate {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        self.inner.get_last_event_id(server_id).await
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let (inner, mut open) = (Arc::clone(&self.inner), self.open.subscribe());
        let turn = async move {
            open.wait_for(|open| *open).await.unwrap();
            inner.register(events).await
        };
        self.turns.run(turn).await
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        self.inner.query(params).await
    }

    async fn flush(&self) -> Result<(), BackendError> {
        self.inner.flush().await
    }
}

#[tokio::test]
async fn a_session_that_modules_have_seen_is_registered_though_nobody_waits() {
    let (inner, log) = backend();
    let gate = Arc::new(Gate { inner, turns: Turns::new(), open: watch::Sender::new(true) });
    let backend = Arc::clone(&gate) as Arc<dyn Backend>;
    let calls = Calls::default();
    let engine = create(&backend, &[module(json!({"on": "?"}))], &calls).await;
    gate.open.send_replace(false);
    // The backend is busy with the first, and has not begun with the others.
    let mut registering: Vec<_> =
        ["a", "b", "c"].map(|name| Box::pin(engine.register(client(1), vec![event(name)]))).into();
    for call in &mut registering {
        assert!(call.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    let gets = lock(&calls).iter().filter(|call| call.contains("gets")).count();
    assert_eq!(gets, 3, "all sessions have begun");
    drop(registering);
    gate.open.send_replace(true);
    engine.register(client(1), vec![event("d")]).await.unwrap();
    engine.async_close().await;
    let types: Vec<_> = lock(&log).iter().map(|batch| batch[0].event_type.to_string()).collect();
    assert_eq!(types, ["event/1/engine", "a", "b", "c", "d", "event/1/engine"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_load_each_call_ends_and_it_stops_last() {
    for _ in 0..20 {
        let (backend, log) = backend();
        let engine = create(&backend, &[module(json!({"on": "a", "add": ["b"]}))], &Calls::default()).await;
        let registering: Vec<_> = (0..8)
            .map(|id| {
                let engine = engine.clone();
                tokio::spawn(async move {
                    let mut count = 0;
                    loop {
                        match engine.register(client(id), vec![event("a")]).await {
                            Ok(_) => count += 1,
                            Err(EngineError::Closed) => return count,
                            Err(error) => panic!("{error}"),
                        }
                    }
                })
            })
            .collect();
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        engine.async_close().await;
        let mut acknowledged = 0;
        for task in registering {
            acknowledged += task.await.unwrap();
        }
        let batches = lock(&log).clone();
        assert_eq!(batches.len(), acknowledged + 2, "what was answered is what was registered");
        let ids: Vec<_> = batches.iter().flat_map(|batch| batch.iter().map(|event| event.id)).collect();
        assert!(ids.is_sorted_by(|one, next| one < next));
        assert_eq!(batches.last().unwrap()[0].payload.as_ref().unwrap().parse::<String>().unwrap(), "STOPPED");
        assert!(Arc::strong_count(&backend) >= 1);
    }
}

/// Takes nothing, as if its disk was full.
#[derive(Debug)]
struct Full(Lifecycle);

impl Resource for Full {
    fn lifecycle(&self) -> &Lifecycle {
        &self.0
    }
}

#[async_trait]
impl Backend for Full {
    async fn get_last_event_id(&self, _: ServerId) -> Result<EventId, BackendError> {
        Ok(EventId::new(1, 0, 0).unwrap())
    }

    async fn register(&self, _: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        Err(BackendError::Refused("the disk is full".into()))
    }

    async fn query(&self, _: QueryParams) -> Result<QueryResult, BackendError> {
        Ok(QueryResult::default())
    }

    async fn flush(&self) -> Result<(), BackendError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_backend_that_takes_nothing_does_not_end_it() {
    let backend: Arc<dyn Backend> = Arc::new(Full(Default::default()));
    let engine = create(&backend, &[], &Calls::default()).await;
    for _ in 0..2 {
        let error = engine.register(client(1), vec![event("a")]).await.unwrap_err();
        assert_eq!(error.to_string(), "refused: the disk is full");
    }
    assert!(engine.query(hat_event_common::QueryLatestParams::default().into()).await.is_ok());
    assert!(engine.is_open());
    engine.async_close().await;
    assert_eq!(engine.failure(), None);
}
