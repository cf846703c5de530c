use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hat_event_chatter::{CloseReason, Conversation, Received, Sender};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::RequestError;

/// The requests that wait for their answers.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// By the first id of their conversation.
    waiting: HashMap<i64, oneshot::Sender<Received>>,
    /// Why the connection ended, if it did.
    ended: Option<CloseReason>,
}

impl Requests {
    /// Sends a request with `send`, and waits for its answer.
    pub(crate) async fn answer(
        &self,
        sender: &Sender,
        limit: Duration,
        send: impl FnOnce(&Sender) -> Result<Conversation, hat_event_chatter::ClosedError>,
    ) -> Result<Received, RequestError> {
        let (conversation, answer) = {
            // Held until it is known who waits: the answer may be here at once.
            let mut state = self.lock();
            let conversation = send(sender).map_err(|_| RequestError::Closed(state.reason()))?;
            if let Some(reason) = &state.ended {
                return Err(RequestError::Closed(reason.clone()));
            }
            let (answered, answer) = oneshot::channel();
            state.waiting.insert(conversation.first, answered);
            (conversation, answer)
        };
        // Taken away also when this future is dropped.
        let _forget = Forget { requests: self, first: conversation.first };
        match timeout(limit, answer).await {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(_)) => Err(RequestError::Closed(self.lock().reason())),
            Err(_) => Err(RequestError::TimedOut(limit)),
        }
    }

    /// An answer came; one to what was not asked is nobody's.
    pub(crate) fn answered(&self, message: Received) {
        if !message.conversation.owner {
            return;
        }
        let waiting = self.lock().waiting.remove(&message.conversation.first);
        if let Some(waiting) = waiting {
            // Whoever does not wait any more needs no answer.
            let _ = waiting.send(message);
        }
    }

    /// The connection ended: so do all requests.
    pub(crate) fn end(&self, reason: CloseReason) {
        let mut state = self.lock();
        state.ended = Some(reason);
        state.waiting.clear();
    }

    /// Why the connection ended.
    pub(crate) fn reason(&self) -> CloseReason {
        self.lock().reason()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// A connection that is closing by request has not ended yet.
    fn reason(&self) -> CloseReason {
        self.ended.clone().unwrap_or(CloseReason::Requested)
    }
}

struct Forget<'a> {
    requests: &'a Requests,
    first: i64,
}

impl Drop for Forget<'_> {
    fn drop(&mut self) {
        self.requests.lock().waiting.remove(&self.first);
    }
}
