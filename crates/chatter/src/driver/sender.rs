use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Instant;

use crate::{CloseReason, ClosedError, Connection, Conversation, Outgoing};

/// Sends messages on a connection, from any task. Clones are of one connection.
///
/// Sending only puts the message into the queue of the connection, and so never waits: the task that has the
/// [`Receiver`](crate::Receiver) writes all that gathered, at once.
#[derive(Clone)]
pub struct Sender {
    shared: Arc<Mutex<Shared>>,
}

/// What the sender and the receiver of a connection share.
pub(super) struct Shared {
    pub(super) connection: Connection,
    /// A sender has changed it since the task that drives it looked last.
    pub(super) is_changed: bool,
    /// Of the task that drives the connection, while it waits.
    pub(super) waker: Option<Waker>,
}

impl Sender {
    pub(super) fn new(connection: Connection) -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { connection, is_changed: false, waker: None })) }
    }

    /// Sends a message, and returns the conversation that it belongs to.
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the connection is closed or closing. A message that was sent may get lost too, if the
    /// connection ends.
    pub fn send(&self, message: &Outgoing) -> Result<Conversation, ClosedError> {
        self.change(|connection, now| connection.send(now, message))
    }

    /// Accepts the peer; see [`Connection::accept`].
    pub fn accept(&self) {
        self.lock().connection.accept();
    }

    /// Closes the connection after what waits was sent.
    pub fn close(&self) {
        self.change(Connection::close);
    }

    /// Closes the connection for a reason that is no orderly end, after what waits was sent.
    pub fn fail(&self, reason: CloseReason) {
        self.change(|connection, now| connection.fail(now, reason));
    }

    /// Whether messages are received and can be sent.
    pub fn is_open(&self) -> bool {
        self.lock().connection.is_open()
    }

    /// How many bytes wait to be sent.
    pub fn queued(&self) -> usize {
        self.lock().connection.queued()
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Shared> {
        // Nothing panics while it is changed.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the connection, and has what follows from it done.
    fn change<T>(&self, change: impl FnOnce(&mut Connection, Instant) -> T) -> T {
        let now = tokio::time::Instant::now().into_std();
        let mut shared = self.lock();
        let result = change(&mut shared.connection, now);
        shared.is_changed = true;
        let waker = shared.waker.take();
        drop(shared);
        if let Some(waker) = waker {
            waker.wake();
        }
        result
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").finish_non_exhaustive()
    }
}
