use std::collections::VecDeque;
use std::pin::pin;

use hat_event_chatter::Conversation;
use hat_event_common::{Event, EventId, QueryServerParams, ServerId, Subscription};

use crate::client::{Client, Events, Notification};

/// One of the connections that follow one another.
#[derive(Debug)]
pub(super) struct Current {
    client: Client,
    events: Events,
    /// Notifications that came while it was asked for what was missed.
    waiting: VecDeque<Notification>,
    /// Bytes of them.
    waiting_len: usize,
    /// Some of them were dropped, as there were too many: it has to be asked for again.
    dropped: bool,
    /// It is asked for what was missed.
    is_catching_up: bool,
    /// The connection has ended; what waits is still there.
    ended: bool,
    /// Where the notification is to be acknowledged that was delivered last.
    unacknowledged: Option<Conversation>,
}

/// Which events are wanted, and which are known.
#[derive(Debug)]
pub(super) struct Wanted {
    /// Without it, nothing can be asked for.
    pub(super) server_id: Option<ServerId>,
    pub(super) persisted: bool,
    pub(super) subscription: Subscription,
    /// The last event of that server that was delivered, or passed over as it was not subscribed to.
    pub(super) last: Option<EventId>,
    pub(super) max_waiting: usize,
}

impl Current {
    pub(super) fn new(client: Client, events: Events) -> Self {
        Self {
            client,
            events,
            waiting: VecDeque::new(),
            waiting_len: 0,
            dropped: false,
            is_catching_up: true,
            ended: false,
            unacknowledged: None,
        }
    }

    /// Waits for the next events; `None` when the connection has ended and nothing of it is left.
    ///
    /// Dropping the future loses nothing: what was asked for is then asked for again.
    pub(super) async fn next(&mut self, wanted: &mut Wanted) -> Option<Vec<Event>> {
        let unacknowledged = self.unacknowledged.take();
        self.events.handled(unacknowledged);
        loop {
            let events = match (wanted.server_id, wanted.last) {
                (Some(server_id), Some(last)) if self.is_catching_up => self.missed(server_id, last, wanted).await?,
                _ => {
                    let Notification { events, acknowledge, .. } = self.notification().await?;
                    let events = wanted.unknown(events);
                    if events.is_empty() {
                        self.events.handled(acknowledge);
                    } else {
                        self.unacknowledged = acknowledge;
                    }
                    events
                }
            };
            if !events.is_empty() {
                return Some(events);
            }
        }
    }

    async fn notification(&mut self) -> Option<Notification> {
        if let Some(notification) = self.waiting.pop_front() {
            self.waiting_len -= notification.len;
            return Some(notification);
        }
        self.events.take().await
    }

    /// The next page of what was missed, without what is not subscribed to. `None` if the connection is of no use.
    async fn missed(&mut self, server_id: ServerId, last: EventId, wanted: &mut Wanted) -> Option<Vec<Event>> {
        let client = self.client.clone();
        let params = QueryServerParams {
            persisted: wanted.persisted,
            last_event_id: Some(last),
            ..QueryServerParams::new(server_id)
        };
        let mut query = pin!(client.query(params));
        let result = loop {
            tokio::select! {
                biased;
                result = &mut query => break result,
                notification = self.events.take(), if !self.ended => self.keep(notification, wanted.max_waiting),
            }
        };
        let result = result.ok().filter(|result| !result.more_follows || !result.events.is_empty());
        let Some(result) = result else {
            // The next connection begins where this one ends.
            self.client.close();
            return None;
        };
        if !result.more_follows {
            self.is_catching_up = std::mem::take(&mut self.dropped);
        }
        let events = wanted.unknown(result.events);
        Some(events.into_iter().filter(|event| wanted.subscription.matches(&event.event_type)).collect())
    }

    /// Keeps a notification until what was missed is there.
    fn keep(&mut self, notification: Option<Notification>, max_waiting: usize) {
        let Some(notification) = notification else {
            self.ended = true;
            return;
        };
        if self.dropped || self.waiting_len + notification.len > max_waiting {
            // What is dropped, and all after it, will be asked for.
            self.dropped = true;
            self.events.handled(notification.acknowledge);
        } else {
            self.waiting_len += notification.len;
            self.waiting.push_back(notification);
        }
    }
}

impl Wanted {
    /// Those of the events that are not known yet; they are from now on. Without a server, all.
    fn unknown(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        let Some(server_id) = self.server_id else { return events };
        events.retain(|event| {
            let is_new = event.id.server == server_id && self.last.is_none_or(|last| last < event.id);
            if is_new {
                self.last = Some(event.id);
            }
            is_new
        });
        events
    }
}
