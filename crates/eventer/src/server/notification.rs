use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hat_event_chatter::CloseReason;
use hat_event_common::{Event, Sbs, Writer};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::ConnectionId;
use super::registry::Client;

/// Events on their way to clients: each encoded once, its bytes shared by all who get it.
#[derive(Default)]
pub(super) struct Notification<'a> {
    /// The events that somebody wants.
    encoded: Writer,
    /// In the order in which they were first found.
    clients: Vec<Wanted<'a>>,
    places: HashMap<ConnectionId, usize, foldhash::fast::RandomState>,
}

/// What one client gets.
struct Wanted<'a> {
    client: &'a Arc<Client>,
    count: usize,
    /// Where its events stand among the encoded ones.
    ranges: Vec<Range<usize>>,
}

/// An event that is encoded when the first client wants it.
pub(super) struct EncodedEvent<'n, 'a> {
    notification: &'n mut Notification<'a>,
    event: &'n Event,
    range: Option<Range<usize>>,
    /// Clients mostly come in the same order as for the event before.
    next: usize,
}

impl<'a> Notification<'a> {
    pub(super) fn event<'n>(&'n mut self, event: &'n Event) -> EncodedEvent<'n, 'a> {
        EncodedEvent { notification: self, event, range: None, next: 0 }
    }

    /// Calls `send` with each client that wants any of the events, and the data of its message.
    pub(super) fn send(self, mut send: impl FnMut(&'a Arc<Client>, &[Bytes])) {
        let encoded = self.encoded.finish();
        let mut parts = Vec::new();
        for Wanted { client, count, ranges } in self.clients {
            let mut head = Writer::with_capacity(4);
            head.length(count);
            parts.clear();
            parts.push(head.finish());
            parts.extend(ranges.into_iter().map(|range| encoded.slice(range)));
            send(client, &parts);
        }
    }
}

impl<'a> EncodedEvent<'_, 'a> {
    /// A client wants the event.
    pub(super) fn add(&mut self, client: &'a Arc<Client>) {
        let Notification { encoded, clients, places } = &mut *self.notification;
        let range = self.range.get_or_insert_with(|| {
            let start = encoded.len();
            self.event.encode(encoded);
            start..encoded.len()
        });
        let expected = clients.get(self.next).is_some_and(|wanted| Arc::ptr_eq(wanted.client, client));
        let place = if expected {
            self.next
        } else {
            *places.entry(client.info.id).or_insert_with(|| {
                clients.push(Wanted { client, count: 0, ranges: Vec::new() });
                clients.len() - 1
            })
        };
        self.next = place + 1;
        let Some(wanted) = clients.get_mut(place) else { return };
        wanted.count += 1;
        match wanted.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => wanted.ranges.push(range.clone()),
        }
    }
}

/// An acknowledgement that is waited for.
pub(super) struct Ack {
    pub(super) client: Arc<Client>,
    pub(super) acknowledged: oneshot::Receiver<()>,
}

/// Waits until all have come, or their clients are gone; who takes too long is cut off.
pub(super) async fn wait(acks: Vec<Ack>, timeout: Duration) {
    let deadline = Instant::now() + timeout;
    for Ack { client, acknowledged } in acks {
        if timeout_at(deadline, acknowledged).await.is_err() {
            let reason = format!("events were not acknowledged within {timeout:?}");
            client.sender.fail(CloseReason::Protocol(reason));
        }
    }
}
