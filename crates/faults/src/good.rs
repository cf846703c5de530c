//! Clients that behave, and notice when they miss something.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hat_event_chatter::Address;
use hat_event_common::{Event, EventId, EventType, RegisterEvent};
use hat_event_eventer::{Client, ClientOptions, Events};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Result;

/// So long a notification may take before it is missed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client that registers an event after the other, and those that are told of them.
pub(crate) struct Good {
    stop: Arc<AtomicBool>,
    writer: JoinHandle<Result<Vec<EventId>>>,
    subscribers: Vec<JoinHandle<Result<Vec<EventId>>>>,
}

impl Good {
    /// So many clients, one of them the writer.
    pub(crate) async fn start(address: &Address, count: usize) -> Result<Self> {
        let mut subscribers = Vec::new();
        for _ in 1..count {
            let mut options = ClientOptions::new("good");
            options.subscriptions = vec![["good", "*"].into()];
            let (client, events) = Client::connect(address, options).await?;
            subscribers.push(tokio::spawn(receive(client, events)));
        }
        let stop = Arc::new(AtomicBool::new(false));
        let (client, _) = Client::connect(address, ClientOptions::new("writer")).await?;
        Ok(Self { writer: tokio::spawn(write(client, Arc::clone(&stop))), stop, subscribers })
    }

    /// Ends them; how many events there were, each of which everybody got once and in order.
    pub(crate) async fn finish(self) -> Result<usize> {
        self.stop.store(true, Ordering::Relaxed);
        let written = self.writer.await??;
        for (index, subscriber) in self.subscribers.into_iter().enumerate() {
            let received = subscriber.await??;
            if received != written {
                let counts = format!("{} events of {}", received.len(), written.len());
                return Err(format!("good client {index} did not get each event once, in order: {counts}").into());
            }
        }
        Ok(written.len())
    }
}

fn last() -> EventType {
    ["good", "last"].into()
}

async fn write(client: Client, stop: Arc<AtomicBool>) -> Result<Vec<EventId>> {
    let mut written = Vec::new();
    loop {
        let is_last = stop.load(Ordering::Relaxed);
        let event_type = if is_last { last() } else { ["good", "event"].into() };
        let event = RegisterEvent { event_type, source_timestamp: None, payload: None };
        let events = client.register_with_response(&[event]).await.map_err(|error| format!("good writer: {error}"))?;
        written.extend(events.iter().map(|event: &Event| event.id));
        if is_last {
            return Ok(written);
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn receive(client: Client, mut events: Events) -> Result<Vec<EventId>> {
    let mut received = Vec::new();
    loop {
        let next = timeout(PATIENCE, events.next()).await.map_err(|_| "a good client is told of nothing any more")?;
        let Some(events) = next else {
            return Err(format!("a good client lost its connection: {}", client.closed().await).into());
        };
        received.extend(events.iter().map(|event| event.id));
        if events.iter().any(|event| event.event_type == last()) {
            return Ok(received);
        }
    }
}
