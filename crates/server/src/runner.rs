use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hat_event_common::{Backend, BoxError, Lifecycle, Resource, Status};
use hat_event_eventer::Server;
use tokio::sync::{Mutex, Notify};
use tokio::time::timeout;

use crate::conf::{Plugins, ServerConf};
use crate::engine::{EngineParams, ServerEngine, Sessions};
use crate::eventer::{EventerHandler, source};

/// How long a part may take to close before the others are closed without waiting for it.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// Runs engines, one after the other, and tells clients of the status: `hat.event.server.engine_runner`.
pub(crate) struct EngineRunner {
    pub(crate) conf: Arc<ServerConf>,
    pub(crate) plugins: Plugins,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) handler: Arc<EventerHandler>,
    pub(crate) server: Server,
    pub(crate) sessions: Arc<Mutex<Sessions>>,
    /// Of the server: no engine is made any more once it closes.
    pub(crate) lifecycle: Lifecycle,
}

/// Why an engine ended.
enum End {
    /// The server closes.
    Closing,
    /// A module asked for a new one.
    Restart,
    /// By itself.
    Failed,
}

impl EngineRunner {
    /// Runs until the server closes, or an engine fails.
    pub(crate) async fn run(&self) -> Result<(), BoxError> {
        loop {
            self.server.set_status(Status::Starting);
            let restart = Arc::new(Notify::new());
            let mut creating = pin!(self.create(Arc::clone(&restart)));
            let engine = tokio::select! {
                engine = &mut creating => engine,
                () = self.lifecycle.wait_closing() => {
                    match timeout(CLOSE_TIMEOUT, &mut creating).await {
                        Ok(Ok(engine)) => self.close(&engine).await,
                        Ok(Err(error)) => tracing::warn!("the engine is not made: {error}"),
                        Err(_) => tracing::warn!("the engine is not made within {CLOSE_TIMEOUT:?}; it is not waited for"),
                    }
                    self.server.set_status(Status::Standby);
                    return Ok(());
                }
            };
            let engine = engine.inspect_err(|_| self.server.set_status(Status::Standby))?;
            self.handler.set_engine(Some(engine.clone()));
            self.server.set_status(Status::Operational);
            tracing::info!("the engine runs");
            let end = tokio::select! {
                () = self.lifecycle.wait_closing() => End::Closing,
                () = engine.wait_closing() => End::Failed,
                () = restart.notified() => End::Restart,
            };
            self.close(&engine).await;
            match end {
                End::Closing => return Ok(()),
                End::Restart => tracing::info!("the engine is made anew"),
                End::Failed => {
                    let reason = engine.failure().unwrap_or_else(|| "the engine is closed".into());
                    return Err(reason.to_string().into());
                }
            }
        }
    }

    async fn create(&self, restart: Arc<Notify>) -> Result<ServerEngine, BoxError> {
        let server = self.server.clone();
        let client_names = move || {
            server.connection_infos().iter().map(|client| (source(client), client.client_name.clone())).collect()
        };
        let params = EngineParams {
            backend: Arc::clone(&self.backend),
            server_id: self.conf.server_id,
            sessions: Arc::clone(&self.sessions),
            max_session_events: self.conf.limits.session_events,
            client_names: Box::new(client_names),
            restart: Box::new(move || restart.notify_one()),
            // Without a monitor, there is nobody to tell.
            reset_monitor_ready: Box::new(|| {}),
        };
        ServerEngine::create(params, &self.plugins.modules, &self.conf.modules).await
    }

    async fn close(&self, engine: &ServerEngine) {
        engine.close();
        self.handler.set_engine(None);
        self.server.set_status(Status::Stopping);
        if timeout(CLOSE_TIMEOUT, engine.wait_closed()).await.is_err() {
            tracing::warn!("the engine does not end within {CLOSE_TIMEOUT:?}; it is not waited for");
        }
        if let Err(error) = self.backend.flush().await {
            tracing::error!("events cannot be persisted: {error}");
        }
        self.server.set_status(Status::Standby);
    }
}
