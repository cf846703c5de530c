use std::sync::Arc;
use std::sync::atomic::Ordering;

use hat_event_common::{BackendError, EventPayload, EventType, Hold, RegisterEvent, catch_panic};

use super::Shared;
use super::modules::Stamp;

/// Ends an engine once closing is requested and the last session has run.
pub(super) async fn end(shared: Arc<Shared>, hold: Hold) {
    hold.wait_last().await;
    if shared.started.load(Ordering::Relaxed) {
        match catch_panic(shared.register_stopped()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("it is not registered that the engine stopped: {error}"),
            Err(panic) => tracing::warn!("it is not registered that the engine stopped: the backend {panic}"),
        }
    }
    shared.modules.lock().await.close().await;
    drop(hold);
}

impl Shared {
    /// Closes the engine by itself.
    pub(super) fn fail(&self, reason: &str) {
        tracing::error!("the engine closes: {reason}");
        // The first reason is the cause of the others.
        let _ = self.failure.set(reason.into());
        self.lifecycle.close();
    }

    pub(super) fn status_event(&self, status: &str) -> RegisterEvent {
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
