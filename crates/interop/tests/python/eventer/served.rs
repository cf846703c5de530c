//! A server of this project over the memory backend, as a test needs it.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use hat_event_backends::MemoryBackend;
use hat_event_chatter::{Address, Config, ListenConfig, Listener};
use hat_event_common::{Backend, BoxError, Event, EventId, QueryParams, QueryResult, RegisterEvent, Status, Timestamp};
use hat_event_eventer::{ConnectionInfo, Handler, Server, ServerConfig};
use tokio::sync::{Mutex, Notify, Semaphore, mpsc};

use super::peer::within;

/// Who came or went.
#[derive(Debug)]
pub(crate) enum Visit {
    Came(Arc<ConnectionInfo>),
    Went(Arc<ConnectionInfo>),
}

/// A server that listens, and what it was asked for.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) server: Server,
    pub(crate) listener: Listener,
    pub(crate) handler: Arc<Script>,
    visits: Mutex<mpsc::UnboundedReceiver<Visit>>,
}

/// Keeps events in memory, and refuses, fails or waits by token, type and server id.
#[derive(Debug)]
pub(crate) struct Script {
    backend: MemoryBackend,
    last_session: Mutex<u64>,
    visits: mpsc::UnboundedSender<Visit>,
    server: OnceLock<Server>,
    /// Registrations of the type `slow` wait for a permit.
    pub(crate) permits: Semaphore,
    /// One of them has begun to wait.
    pub(crate) waits: Notify,
    /// Parameters of all queries, in order.
    pub(crate) queries: std::sync::Mutex<Vec<QueryParams>>,
    /// All that was registered, in order.
    pub(crate) registered: std::sync::Mutex<Vec<RegisterEvent>>,
}

impl Served {
    pub(crate) async fn start() -> Self {
        Self::on(Address::tcp("127.0.0.1", 0), Config::default()).await
    }

    pub(crate) async fn on(address: Address, connection: Config) -> Self {
        let (visit, visits) = mpsc::unbounded_channel();
        let handler = Arc::new(Script {
            backend: MemoryBackend::new(None, None),
            last_session: Mutex::default(),
            visits: visit,
            server: OnceLock::new(),
            permits: Semaphore::new(0),
            waits: Notify::new(),
            queries: std::sync::Mutex::default(),
            registered: std::sync::Mutex::default(),
        });
        let config = ServerConfig { status: Status::Starting, ..ServerConfig::default() };
        let server = Server::new(Arc::clone(&handler) as _, config);
        handler.server.set(server.clone()).unwrap();
        let listen = ListenConfig { connection, ..ListenConfig::default() };
        let listener = server.listen(&[address], listen).await.unwrap();
        Self { server, listener, handler, visits: visits.into() }
    }

    pub(crate) fn address(&self) -> String {
        self.listener.addresses()[0].to_string()
    }

    /// Waits for the next client. It is let in when a test is told: both run in one thread.
    pub(crate) async fn came(&self) -> Arc<ConnectionInfo> {
        match within("a client comes", async { self.visits.lock().await.recv().await }).await {
            Some(Visit::Came(client)) => client,
            visit => panic!("{visit:?}"),
        }
    }

    /// Waits for the end of the next client.
    pub(crate) async fn went(&self) -> Arc<ConnectionInfo> {
        match within("a client goes", async { self.visits.lock().await.recv().await }).await {
            Some(Visit::Went(client)) => client,
            visit => panic!("{visit:?}"),
        }
    }
}

#[async_trait]
impl Handler for Script {
    async fn connected(&self, client: &Arc<ConnectionInfo>) -> Result<(), BoxError> {
        if client.client_token.as_deref() == Some("wrong") {
            return Err("krivi žeton".into());
        }
        Ok(self.visits.send(Visit::Came(Arc::clone(client)))?)
    }

    async fn disconnected(&self, client: &Arc<ConnectionInfo>) {
        // The test may have ended before.
        let _ = self.visits.send(Visit::Went(Arc::clone(client)));
    }

    /// Server 7, a session for each request, at as many seconds.
    async fn register(&self, _client: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        match events.first().and_then(|event| event.event_type.segments().next()) {
            Some("slow") => {
                self.waits.notify_one();
                self.permits.acquire().await.unwrap().forget();
            }
            Some("failure") => return None,
            _ => {}
        }
        let mut session = self.last_session.lock().await;
        *session += 1;
        self.registered.lock().unwrap().extend(events.iter().cloned());
        let timestamp = Timestamp::new(*session as i64, 123).unwrap();
        let ids = (1..).map(|instance| EventId::new(7, *session, instance).unwrap());
        let events = events.into_iter().zip(ids).map(|(event, id)| event.register(id, timestamp)).collect();
        let events = self.backend.register(events).await.unwrap()?;
        let server = self.server.get().unwrap();
        server.notify_events(&events, false);
        server.notify_events(&events, true);
        Some(events)
    }

    async fn query(&self, _client: &Arc<ConnectionInfo>, params: QueryParams) -> Result<QueryResult, BoxError> {
        self.queries.lock().unwrap().push(params.clone());
        match &params {
            QueryParams::Server(params) if params.server_id.get() == 666 => Err("no such server".into()),
            _ => Ok(self.backend.query(params).await?),
        }
    }
}
