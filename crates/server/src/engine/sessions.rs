use std::fmt;
use std::sync::Arc;

use hat_event_common::{Backend, BackendError, EventId, InstanceId, ServerId, SessionId, Timestamp};

/// So many sessions are reserved at a time. What is left of them when the process is killed is never given out.
const RESERVED: u64 = 1 << 20;

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Ids and timestamps of sessions, which never go back: not when an engine is made anew, not when the clock is set back, and not
/// when the process was killed.
pub struct Sessions {
    backend: Arc<dyn Backend>,
    server_id: ServerId,
    clock: Clock,
    /// The last id that was given out.
    last: EventId,
    /// Up to here sessions may be given out.
    reserved: SessionId,
    last_timestamp: Timestamp,
    /// How many sessions have got the last timestamp instead of the time, because the clock was behind it.
    held: u64,
    /// How many they were when the clock was last seen ahead.
    held_before: u64,
}

impl Sessions {
    /// Goes on where a backend says that it ended.
    ///
    /// # Errors
    ///
    /// As the backend's.
    pub async fn new(backend: Arc<dyn Backend>, server_id: ServerId, clock: Clock) -> Result<Self, BackendError> {
        let last = backend.get_last_event_id(server_id).await?;
        let last_timestamp = backend.get_last_timestamp(server_id).await?.unwrap_or(Timestamp::MIN);
        let reserved = last.session;
        Ok(Self { backend, server_id, clock, last, reserved, last_timestamp, held: 0, held_before: 0 })
    }

    /// The id in front of the first event of the next session, and the timestamp of all its events.
    ///
    /// # Errors
    ///
    /// [`BackendError::Refused`] if no more ids can be reserved.
    pub(super) async fn next(&mut self) -> Result<(EventId, Timestamp), BackendError> {
        let server = self.server_id;
        let no_more = || BackendError::Refused("there are no session ids left".into());
        let session = self.last.session.next().ok_or_else(no_more)?;
        if session > self.reserved {
            let ahead = SessionId::new(self.last.session.get().saturating_add(RESERVED)).unwrap_or(SessionId::MAX);
            self.backend.reserve_event_ids(EventId { server, session: ahead, instance: InstanceId::MIN }).await?;
            self.reserved = ahead;
        }
        self.last = EventId { server, session, instance: InstanceId::MIN };
        Ok((self.last, self.timestamp()))
    }

    fn timestamp(&mut self) -> Timestamp {
        let now = (self.clock)();
        if now < self.last_timestamp {
            if self.held == self.held_before {
                tracing::warn!(
                    "the clock is behind the last event: events get {} until it is ahead",
                    self.last_timestamp
                );
            }
            self.held += 1;
        } else {
            if self.held > self.held_before {
                let count = self.held - self.held_before;
                tracing::info!("the clock is ahead of the last event again; {count} sessions have got a later time");
                self.held_before = self.held;
            }
            self.last_timestamp = now;
        }
        self.last_timestamp
    }

    /// The last id that was used of a session.
    pub(super) fn used(&mut self, last: EventId) {
        self.last = last;
    }

    /// How many sessions have got a timestamp that was not the time, because the clock was behind the last event.
    pub fn held(&self) -> u64 {
        self.held
    }

    /// Gives back what is reserved and was not used.
    pub(super) async fn end(&mut self) -> Result<(), BackendError> {
        if self.reserved > self.last.session {
            self.backend.reserve_event_ids(self.last).await?;
            self.reserved = self.last.session;
        }
        Ok(())
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").field("last", &self.last).field("held", &self.held).finish_non_exhaustive()
    }
}
