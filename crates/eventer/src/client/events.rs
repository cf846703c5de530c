use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use hat_event_chatter::{Conversation, Outgoing};
use hat_event_common::Event;
use tokio::sync::mpsc;

use super::{Handle, Shared};
use crate::message::EVENTS_ACK;

/// The notifications of a client, in the order in which they came: each has events of one session.
///
/// Whoever takes the next notification has handled the one before: if the server asked for an acknowledgement, that
/// sends it. Taken by [`Self::next`], by [`Self::for_each`], or as a `Stream`. If nobody takes any, the client stops reading at
/// [`ClientOptions::max_waiting`](super::ClientOptions::max_waiting), answers included, and a server cuts it off in the end;
/// who wants no events any more drops this, and notifications are acknowledged unseen.
#[derive(Debug)]
pub struct Events {
    receiver: mpsc::UnboundedReceiver<Notification>,
    /// What was taken last, and asked for an acknowledgement.
    unacknowledged: Option<Conversation>,
    /// The connection lasts as long as somebody takes events.
    handle: Arc<Handle>,
}

/// Events that the server told of.
#[derive(Debug)]
pub(crate) struct Notification {
    pub(crate) events: Vec<Event>,
    /// How many bytes they came in.
    pub(crate) len: usize,
    /// Where an acknowledgement is to be sent, if one is wanted.
    pub(crate) acknowledge: Option<Conversation>,
}

impl Events {
    pub(super) fn new(receiver: mpsc::UnboundedReceiver<Notification>, handle: Arc<Handle>) -> Self {
        Self { receiver, unacknowledged: None, handle }
    }

    /// Waits for the next notification; `None` after the last one, once the connection has ended.
    pub async fn next(&mut self) -> Option<Vec<Event>> {
        std::future::poll_fn(|context| self.poll(context)).await
    }

    /// Calls `callback` with each notification until the connection ends, one after the other.
    ///
    /// It may make requests with the same client.
    pub async fn for_each<Fut: Future<Output = ()>>(mut self, mut callback: impl FnMut(Vec<Event>) -> Fut) {
        while let Some(events) = self.next().await {
            callback(events).await;
        }
    }

    /// Waits for the next notification, which whoever takes it has to acknowledge.
    pub(crate) async fn take(&mut self) -> Option<Notification> {
        let notification = self.receiver.recv().await?;
        self.handle.shared.taken(notification.len);
        Some(notification)
    }

    /// Tells the server that a notification was handled, if it asked for that.
    pub(crate) fn handled(&self, acknowledge_in: Option<Conversation>) {
        if let Some(conversation) = acknowledge_in {
            acknowledge(&self.handle.shared, conversation);
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Vec<Event>>> {
        self.acknowledge();
        self.receiver.poll_recv(context).map(|notification| {
            let Notification { events, len, acknowledge } = notification?;
            self.unacknowledged = acknowledge;
            self.handle.shared.taken(len);
            Some(events)
        })
    }

    fn acknowledge(&mut self) {
        let conversation = self.unacknowledged.take();
        self.handled(conversation);
    }
}

/// Tells the server that a notification was handled.
pub(super) fn acknowledge(shared: &Shared, conversation: Conversation) {
    // A server that is gone does not wait.
    let _ = shared.sender.send(&Outgoing::answer(conversation, EVENTS_ACK, &[]));
}

impl Stream for Events {
    type Item = Vec<Event>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Vec<Event>>> {
        self.poll(context)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.acknowledge();
        self.receiver.close();
        while let Ok(notification) = self.receiver.try_recv() {
            self.handle.shared.taken(notification.len);
            if let Some(conversation) = notification.acknowledge {
                acknowledge(&self.handle.shared, conversation);
            }
        }
    }
}
