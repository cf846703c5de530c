//! Backends that panic.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, BackendError, Engine, EngineError, Event, EventId, Lifecycle, QueryLatestParams, QueryParams, QueryResult,
    Resource, ServerId,
};
use tokio::sync::Notify;

use super::{Calls, client, create, event, sessions, try_create};

/// A backend that panics when it gets events of the type `now`, or `later` once it is told to.
#[derive(Debug)]
struct Panics {
    inner: MemoryBackend,
    later: Notify,
    reserves: bool,
}

impl Panics {
    fn new(reserves: bool) -> Arc<Self> {
        Arc::new(Self { inner: MemoryBackend::new(None, None), later: Notify::new(), reserves })
    }
}

impl Resource for Panics {
    fn lifecycle(&self) -> &Lifecycle {
        self.inner.lifecycle()
    }
}

#[async_trait]
impl Backend for Panics {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        self.inner.get_last_event_id(server_id).await
    }

    async fn reserve_event_ids(&self, _: EventId) -> Result<(), BackendError> {
        assert!(self.reserves, "as if by mistake");
        Ok(())
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        match events[0].event_type.segment(0) {
            Some("now") => panic!("as if by mistake"),
            Some("later") => {
                self.later.notified().await;
                panic!("as if by mistake");
            }
            _ => self.inner.register(events).await,
        }
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        match params {
            QueryParams::Latest(_) => panic!("as if by mistake"),
            _ => self.inner.query(params).await,
        }
    }

    async fn flush(&self) -> Result<(), BackendError> {
        self.inner.flush().await
    }
}

const FAILURE: &str = "the backend failed: panicked: as if by mistake";

async fn ended(engine: &impl Resource) {
    tokio::time::timeout(Duration::from_secs(20), engine.wait_closed()).await.expect("it ends");
}

#[tokio::test]
async fn a_backend_that_panics_ends_the_engine() {
    for name in ["now", "later"] {
        let backend = Panics::new(true);
        let engine = create(&(Arc::clone(&backend) as _), &[], &Calls::default()).await;
        engine.register(client(1), vec![event("a")]).await.unwrap();
        backend.later.notify_one();
        let error = engine.register(client(1), vec![event(name)]).await.unwrap_err();
        assert!(matches!(&error, EngineError::Backend(BackendError::Failed(_))), "{error:?}");
        assert_eq!(error.to_string(), "panicked: as if by mistake");
        ended(&engine).await;
        assert_eq!(engine.failure().as_deref(), Some(FAILURE));
        let error = engine.register(client(1), vec![event("b")]).await.unwrap_err();
        assert!(matches!(error, EngineError::Closed), "{error:?}");
        let server = hat_event_common::QueryServerParams::new(ServerId::from(1));
        let kept = backend.query(server.into()).await.unwrap().events;
        let types: Vec<_> = kept.iter().map(|event| event.event_type.to_string()).collect();
        assert_eq!(types, ["event/1/engine", "a", "event/1/engine"], "nothing is kept of what failed");
    }
}

#[tokio::test]
async fn so_it_does_though_nobody_waits() {
    let backend = Panics::new(true);
    let engine = create(&(Arc::clone(&backend) as _), &[], &Calls::default()).await;
    let mut registering = Box::pin(engine.register(client(1), vec![event("later")]));
    let polled = registering.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Pending));
    drop(registering);
    backend.later.notify_one();
    ended(&engine).await;
    assert_eq!(engine.failure().as_deref(), Some(FAILURE));
}

#[tokio::test]
async fn a_query_that_panics_fails_alone() {
    let backend = Panics::new(true);
    let engine = create(&(Arc::clone(&backend) as _), &[], &Calls::default()).await;
    let error = engine.query(QueryLatestParams::default().into()).await.unwrap_err();
    assert!(matches!(&error, EngineError::Backend(BackendError::Refused(_))), "{error:?}");
    assert_eq!(error.to_string(), "refused: panicked: as if by mistake");
    engine.register(client(1), vec![event("a")]).await.unwrap();
}

#[tokio::test]
async fn without_ids_there_is_no_engine() {
    let backend: Arc<dyn Backend> = Panics::new(false);
    let created = try_create(&backend, sessions(&backend).await, &[], &Calls::default()).await;
    assert_eq!(created.unwrap_err().to_string(), "panicked: as if by mistake");
}
