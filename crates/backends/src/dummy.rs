use std::sync::Arc;

use async_trait::async_trait;
use hat_event_common::{
    Backend, BackendClosedError, BackendError, BackendFlushedEventsCb, BackendInfo, BackendRegisteredEventsCb, Event,
    EventId, Lifecycle, QueryParams, QueryResult, Resource, ServerId, Turns,
};

/// Keeps no events: `hat.event.backends.dummy`.
///
/// Every query is answered, and with nothing. What is registered goes to the registered callback, then to the flushed
/// one, and is forgotten. Any configuration will do.
#[derive(Debug)]
pub struct DummyBackend {
    lifecycle: Lifecycle,
    registered_cb: Option<BackendRegisteredEventsCb>,
    flushed_cb: Option<BackendFlushedEventsCb>,
    turns: Turns,
}

impl DummyBackend {
    /// Its name in configurations.
    pub const NAME: &str = "hat.event.backends.dummy";

    /// Makes one.
    pub fn new(registered_cb: Option<BackendRegisteredEventsCb>, flushed_cb: Option<BackendFlushedEventsCb>) -> Self {
        Self { lifecycle: Lifecycle::new(), registered_cb, flushed_cb, turns: Turns::new() }
    }

    /// How a configuration makes one.
    pub fn info() -> BackendInfo {
        BackendInfo::new(|_conf, registered_cb, flushed_cb| async { Ok(Self::new(registered_cb, flushed_cb)) })
    }
}

impl Resource for DummyBackend {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Backend for DummyBackend {
    async fn get_last_event_id(&self, server_id: ServerId) -> Result<EventId, BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        Ok(EventId { server: server_id, ..EventId::default() })
    }

    async fn register(&self, events: Arc<[Event]>) -> Result<Option<Arc<[Event]>>, BackendError> {
        let hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        let callbacks = [self.registered_cb.clone(), self.flushed_cb.clone()];
        let call = async move {
            let _hold = hold;
            for callback in callbacks.iter().flatten() {
                callback.call(Arc::clone(&events)).await;
            }
            Ok(Some(events))
        };
        self.turns.run(call).await
    }

    async fn query(&self, _params: QueryParams) -> Result<QueryResult, BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        Ok(QueryResult::default())
    }

    async fn flush(&self) -> Result<(), BackendError> {
        let _hold = self.lifecycle.hold().ok_or(BackendClosedError)?;
        // Callbacks of what was registered before have ended then.
        self.turns.run(async {}).await;
        Ok(())
    }
}
