use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use hat_event_common::{BackendError, EngineError, Event, RegisterEvent, Resource, Source, ToItsEnd, catch_panic};

use super::modules::{SessionError, Stamp};
use super::{ServerEngine, Shared};

/// A session that the backend has taken, and may not have stored yet.
pub(super) enum Begun {
    Ended(Registered),
    Running(Registering),
}

/// It goes on when nobody waits for it any more, as the session has begun.
type Registering = ToItsEnd<Registered>;

type Registered = Result<Option<Arc<[Event]>>, EngineError>;

impl ServerEngine {
    /// Registers events as [`Engine::register`](hat_event_common::Engine::register) does, and returns them in shared memory.
    ///
    /// # Errors
    ///
    /// As there.
    pub async fn register_shared(
        &self,
        source: Source,
        events: Vec<RegisterEvent>,
    ) -> Result<Option<Arc<[Event]>>, EngineError> {
        let hold = self.lifecycle().hold().ok_or(EngineError::Closed)?;
        let count = events.len();
        if count == 0 {
            return Ok(Some(Arc::default()));
        }
        let shared = Arc::clone(&self.shared);
        let begun = self.shared.turns.run(async move {
            let _hold = hold;
            shared.session(source, events).await
        });
        // It is held until the backend answers; whoever closes meanwhile waits for that in the backend.
        let events = match begun.await? {
            Begun::Ended(result) => result?,
            Begun::Running(rest) => rest.await?,
        };
        Ok(events.map(|events| match events.get(..count) {
            Some(given) if given.len() < events.len() => given.into(),
            _ => events,
        }))
    }
}

impl Shared {
    /// Runs a session, and has the backend begin to register it. It is called by one at a time.
    pub(super) async fn session(
        self: &Arc<Self>,
        source: Source,
        events: Vec<RegisterEvent>,
    ) -> Result<Begun, EngineError> {
        if self.lifecycle.is_closing() {
            return Err(EngineError::Closed);
        }
        let mut sessions = self.params.sessions.lock().await;
        let (last, timestamp) = self.of_backend(sessions.next()).await?;
        let mut stamp = Stamp { last, timestamp };
        let mut modules = self.modules.lock().await;
        let events = catch_panic(modules.session(source, events, &mut stamp, self.params.max_session_events)).await;
        sessions.used(stamp.last);
        let events = match events {
            Ok(Ok(events)) => events,
            Ok(Err(SessionError::TooLarge(reason))) => {
                tracing::error!("session {} is refused: {reason}", last.session);
                return Err(EngineError::Refused(reason));
            }
            Ok(Err(SessionError::Module(error))) => {
                self.fail(&error.to_string());
                return Err(EngineError::Failed(error));
            }
            Err(panic) => {
                let text = format!("a module {panic}");
                self.fail(&text);
                return Err(EngineError::Failed(text.into()));
            }
        };
        drop((modules, sessions));
        let shared = Arc::clone(self);
        let mut registering: Registering =
            ToItsEnd::new(async move { shared.of_backend(shared.params.backend.register(events)).await });
        // It takes effect with the first poll, in the order of sessions. The rest need not be waited for here.
        let first = std::future::poll_fn(|context| Poll::Ready(Pin::new(&mut registering).poll(context))).await;
        Ok(match first {
            Poll::Ready(result) => Begun::Ended(result),
            Poll::Pending => Begun::Running(registering),
        })
    }

    /// What a call of the backend returns, of which a panic is a failure too: whether it can go on is not known then.
    async fn of_backend<T>(&self, call: impl Future<Output = Result<T, BackendError>>) -> Result<T, EngineError> {
        let result = catch_panic(call).await.unwrap_or_else(|panic| Err(BackendError::Failed(panic.into())));
        result.map_err(|error| self.backend_failed(error))
    }

    /// What an error of the backend means to whoever registers; with most, the backend closes, and so does the engine.
    fn backend_failed(&self, error: BackendError) -> EngineError {
        match &error {
            BackendError::InvalidQuery(_) | BackendError::Refused(_) => {}
            BackendError::Closed(_) if self.lifecycle.is_closing() => return EngineError::Closed,
            _ => self.fail(&format!("the backend failed: {error}")),
        }
        EngineError::Backend(error)
    }
}
