use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use hat_event_backends::MemoryBackend;
use hat_event_common::{
    Backend, BoxError, Event, EventId, InstanceId, QueryParams, QueryResult, RegisterEvent, ServerId, SessionId,
    Timestamp,
};
use hat_event_eventer::{ConnectionInfo, Handler, Server};
use tokio::sync::Mutex;

/// Gives events ids and timestamps, keeps them in memory and tells clients of them.
pub(super) struct MemoryHandler {
    server_id: ServerId,
    backend: MemoryBackend,
    /// The session that was last. Held during a registration, so that clients are told of sessions in order.
    last_session: Mutex<SessionId>,
    server: OnceLock<Server>,
}

impl MemoryHandler {
    pub(super) fn new(server_id: ServerId) -> Self {
        Self {
            server_id,
            backend: MemoryBackend::new(None, None),
            last_session: Mutex::default(),
            server: OnceLock::new(),
        }
    }

    /// Says whose clients are to be told.
    pub(super) fn notify(&self, server: Server) {
        // It is said once, before anybody is connected.
        let _ = self.server.set(server);
    }

    /// The events of the next session.
    fn session(&self, last: &mut SessionId, events: Vec<RegisterEvent>) -> Result<Arc<[Event]>, BoxError> {
        let session = last.next().ok_or("there are no session ids left")?;
        let timestamp = Timestamp::now();
        let mut instance = InstanceId::MIN;
        let events = events.into_iter().map(|event| {
            instance = instance.next().unwrap_or(InstanceId::MAX);
            event.register(EventId { server: self.server_id, session, instance }, timestamp)
        });
        let events = events.collect();
        *last = session;
        Ok(events)
    }
}

#[async_trait]
impl Handler for MemoryHandler {
    async fn register(&self, _client: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        if events.is_empty() {
            return Some([].into());
        }
        let mut last_session = self.last_session.lock().await;
        let session = self.session(&mut last_session, events);
        let events = session.inspect_err(|error| tracing::error!("registration failed: {error}")).ok()?;
        let registered = self.backend.register(events).await;
        let events = registered.inspect_err(|error| tracing::error!("registration failed: {error}")).ok()??;
        if let Some(server) = self.server.get() {
            server.notify_events(&events, false);
            server.notify_events(&events, true);
        }
        Some(events)
    }

    async fn query(&self, _client: &Arc<ConnectionInfo>, params: QueryParams) -> Result<QueryResult, BoxError> {
        Ok(self.backend.query(params).await?)
    }
}
