use std::sync::Arc;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BoxError, EngineError, Event, EventPayload, EventType, QueryParams, QueryResult, RegisterEvent, Resource,
    ServerId, Source, SourceType,
};
use hat_event_eventer::{ConnectionInfo, Handler};
use tokio::sync::watch;

use crate::engine::ServerEngine;

/// What clients of the event protocol get: `hat.event.server.eventer_server`.
///
/// Registration goes to the engine, and fails while there is none. Queries go to the backend at all times.
#[derive(Debug)]
pub(crate) struct EventerHandler {
    backend: Arc<dyn Backend>,
    server_id: ServerId,
    token: Option<String>,
    /// The engine that registers, while it is operational.
    engine: watch::Sender<Option<ServerEngine>>,
}

impl EventerHandler {
    pub(crate) fn new(backend: Arc<dyn Backend>, server_id: ServerId, token: Option<String>) -> Self {
        Self { backend, server_id, token, engine: watch::Sender::new(None) }
    }

    /// Sets the engine that registers, while it is operational.
    pub(crate) fn set_engine(&self, engine: Option<ServerEngine>) {
        self.engine.send_replace(engine);
    }

    pub(crate) fn engine(&self) -> Option<ServerEngine> {
        self.engine.borrow().clone()
    }

    /// The engine once it is operational.
    pub(crate) async fn wait_engine(&self) -> Option<ServerEngine> {
        self.engine.subscribe().wait_for(Option::is_some).await.ok()?.clone()
    }

    /// Registers that a client came or went.
    async fn register_status(&self, client: &ConnectionInfo, status: &str) {
        let Some(engine) = self.engine().filter(Resource::is_open) else { return };
        let event_type = EventType::from(["event", &self.server_id.to_string(), "eventer", &client.client_name]);
        let payload = EventPayload::json(status).ok();
        let event = RegisterEvent { event_type, source_timestamp: None, payload };
        if let Err(error) = engine.register_shared(source(client), vec![event]).await {
            log_failure(client, &error);
        }
    }
}

/// Clients as sources of events, by the numbers of their connections.
pub(crate) fn source(client: &ConnectionInfo) -> Source {
    Source::new(SourceType::Eventer, client.id.0)
}

#[async_trait]
impl Handler for EventerHandler {
    async fn connected(&self, client: &Arc<ConnectionInfo>) -> Result<(), BoxError> {
        // One that gives no token is let in, as the reference does.
        if let Some(token) = &client.client_token
            && !self.token.as_ref().is_some_and(|expected| are_equal(token.as_bytes(), expected.as_bytes()))
        {
            return Err("invalid client token".into());
        }
        self.register_status(client, "CONNECTED").await;
        Ok(())
    }

    async fn disconnected(&self, client: &Arc<ConnectionInfo>) {
        self.register_status(client, "DISCONNECTED").await;
    }

    async fn register(&self, client: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        let Some(engine) = self.engine() else {
            tracing::debug!("registration of {} fails: the server is not operational", client.client_name);
            return None;
        };
        let registered = engine.register_shared(source(client), events).await;
        registered.inspect_err(|error| log_failure(client, error)).ok()?
    }

    async fn query(&self, _client: &Arc<ConnectionInfo>, params: QueryParams) -> Result<QueryResult, BoxError> {
        Ok(self.backend.query(params).await?)
    }
}

fn log_failure(client: &ConnectionInfo, error: &EngineError) {
    match error {
        EngineError::Closed => tracing::debug!("registration of {} fails: {error}", client.client_name),
        _ => tracing::warn!("registration of {} fails: {error}", client.client_name),
    }
}

/// Whether two texts are equal, in a time that does not tell where they differ.
fn are_equal(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |differences, (one, other)| differences | (one ^ other));
    one.len() == other.len() && std::hint::black_box(differences) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_equal_or_not() {
        for (one, other) in [("", ""), ("a", "a"), ("abc", "abc")] {
            assert!(are_equal(one.as_bytes(), other.as_bytes()));
        }
        for (one, other) in [("", "a"), ("a", "b"), ("abc", "abd"), ("abc", "ab"), ("ab", "abc")] {
            assert!(!are_equal(one.as_bytes(), other.as_bytes()));
        }
    }
}
