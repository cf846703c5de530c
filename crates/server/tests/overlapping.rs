//! What one client registers, and does not wait for, reaches the backend at once.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, BackendError, BackendInfo, Event, EventId, EventPayload, Lifecycle, QueryParams, QueryResult,
    QueryServerParams, RegisterEvent, Resource, ServerId,
};
use hat_event_eventer::{Client, ClientOptions, RequestError};
use hat_event_server::EventServer;
use serde_json::json;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

/// So many batches are answered together.
const TOGETHER: usize = 8;

/// Keeps a batch at once, and answers it once there are enough, as if they shared a commit.
#[derive(Debug)]
struct Sharing {
    inner: MemoryBackend,
    enough: Barrier,
}

impl Resource for Sharing {
    fn lifecycle(&self) -> &Lifecycle {
        self.inner.lifecycle()
    }
}

#[async_trait]
impl Backend for Sharing {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        self.inner.get_last_event_id(server_id).await
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let name = events[0].event_type.segment(0).map(str::to_owned);
        let registered = self.inner.register(events).await?;
        match name.as_deref() {
            Some("shared") => {
                self.enough.wait().await;
            }
            Some("panic") => panic!("as if by mistake"),
            _ => {}
        }
        Ok(registered)
    }

    async fn query(&self, params: QueryParams) -> Result<QueryResult, BackendError> {
        self.inner.query(params).await
    }

    async fn flush(&self) -> Result<(), BackendError> {
        self.inner.flush().await
    }
}

async fn start() -> EventServer {
    let info = BackendInfo::new(|_, registered_cb, flushed_cb| async {
        Ok(Sharing { inner: MemoryBackend::new(registered_cb, flushed_cb), enough: Barrier::new(TOGETHER) })
    });
    let conf = json!({"name": "server", "server_id": 3, "server_token": null, "backend": {"module": "sharing"},
        "modules": [], "eventer_server": {"host": "127.0.0.1", "port": 0}});
    let server = EventServer::builder().backend("sharing", info).start(conf).await.unwrap();
    server.wait_operational().await.unwrap();
    server
}

async fn connect(server: &EventServer) -> Client {
    Client::connect(&server.addresses()[0], ClientOptions::new("client")).await.unwrap().0
}

fn event(event_type: &str) -> RegisterEvent {
    RegisterEvent { event_type: event_type.parse().unwrap(), source_timestamp: None, payload: None }
}

/// Waits for what has to happen, much longer than it takes on a busy machine.
async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("nothing within 30 s")
}

fn all() -> QueryServerParams {
    QueryServerParams::new(ServerId::from(3))
}

fn texts(events: &[Event]) -> Vec<String> {
    let text = |event: &Event| event.payload.as_ref().and_then(|payload| payload.parse().ok());
    events.iter().map(|event| text(event).unwrap_or_else(|| event.event_type.to_string())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn registrations_of_one_client_share_what_the_backend_does() {
    let server = start().await;
    let client = connect(&server).await;
    let mut registering = JoinSet::new();
    for _ in 0..3 * TOGETHER {
        let client = client.clone();
        registering.spawn(async move { client.register_with_response(&[event("shared")]).await.unwrap() });
    }
    let registered = within(registering.join_all()).await;
    assert_eq!(registered.len(), 3 * TOGETHER);
    // As a query does not overlap, it sees all that was registered before it.
    let numbers = 0..64 * TOGETHER;
    for number in numbers.clone() {
        let payload = EventPayload::json(&number.to_string()).ok();
        client.register(&[RegisterEvent { payload, ..event("shared") }]).await.unwrap();
    }
    let found = within(client.query(all())).await.unwrap().events;
    let texts = texts(&found);
    assert_eq!(texts[..2], ["STARTED", "CONNECTED"]);
    let (together, ordered) = texts[2..].split_at(3 * TOGETHER);
    assert_eq!(together, ["shared"].repeat(3 * TOGETHER));
    // In the order in which they were sent, though many are under way.
    assert_eq!(ordered, numbers.map(|number| number.to_string()).collect::<Vec<_>>());
    server.async_close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_gone_after_all_that_it_registered() {
    let server = start().await;
    let client = connect(&server).await;
    for _ in 0..12 * TOGETHER {
        client.register(&[event("shared")]).await.unwrap();
    }
    client.async_close().await;
    let mut expected = vec!["STARTED", "CONNECTED"];
    expected.extend(["shared"].repeat(12 * TOGETHER));
    expected.push("DISCONNECTED");
    let found = async {
        loop {
            let found = server.backend().query(all().into()).await.unwrap().events;
            if found.len() >= expected.len() {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert_eq!(texts(&within(found).await), expected);
    server.async_close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_panics_stops_the_server_with_the_reason() {
    let server = start().await;
    let client = connect(&server).await;
    let error = within(client.register_with_response(&[event("panic")])).await.unwrap_err();
    // The answer may be overtaken by the end of the server.
    assert!(matches!(error, RequestError::Failure | RequestError::Closed(_)), "{error}");
    within(server.wait_closed()).await;
    assert_eq!(server.failure().as_deref(), Some("the backend failed: panicked: as if by mistake"));
}
