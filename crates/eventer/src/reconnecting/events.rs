use std::sync::{Arc, PoisonError};

use hat_event_common::{Event, EventId, Subscription};
use tokio::sync::watch;

use super::current::{Current, Wanted};
use super::{Handle, ReconnectOptions, Slot};
use crate::client::ClientOptions;

/// The events of a [`ReconnectingClient`](super::ReconnectingClient), over all of its connections.
///
/// If the client wants events of one server, [`ClientOptions::server_id`], and a last event is known, because it was given
/// or delivered, then after each connect it asks the server for all events after it, and delivers those that it subscribed to:
/// each event once, in the order of ids. Otherwise what happens while there is no connection is missed.
///
/// Before the first event is known there is nothing to begin from: who must not miss any gives
/// [`ReconnectOptions::last_event_id`], `SERVER,0,0` for all that the server has.
#[derive(Debug)]
pub struct ReconnectingEvents {
    connections: watch::Receiver<Slot>,
    current: Option<Current>,
    wanted: Wanted,
    /// The client goes on as long as somebody takes events.
    _handle: Arc<Handle>,
}

impl ReconnectingEvents {
    pub(super) fn new(
        options: &ClientOptions,
        reconnect: &ReconnectOptions,
        connections: watch::Receiver<Slot>,
        handle: Arc<Handle>,
    ) -> Self {
        let server_id = options.server_id;
        let wanted = Wanted {
            server_id,
            persisted: options.persisted,
            // Subscriptions that are none are refused by the server, and then no event comes.
            subscription: Subscription::new(options.subscriptions.iter().cloned()).unwrap_or_default(),
            last: reconnect.last_event_id.filter(|last| Some(last.server) == server_id),
            max_waiting: reconnect.max_waiting,
        };
        Self { connections, current: None, wanted, _handle: handle }
    }

    /// Waits for the next events, over as many connections as it takes; `None` once the client is closed.
    ///
    /// Taking the next events says that those before were handled: if the server asked for that, they are acknowledged.
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            if let Some(current) = &mut self.current {
                if let Some(events) = current.next(&mut self.wanted).await {
                    return Some(events);
                }
                self.current = None;
            }
            self.connections.changed().await.ok()?;
            let slot = Arc::clone(&self.connections.borrow_and_update());
            self.current = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
    }

    /// The last event of the server that was delivered, or passed over as it was not subscribed to.
    pub fn last_event_id(&self) -> Option<EventId> {
        self.wanted.last
    }
}
