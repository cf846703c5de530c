use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hat_event_common::EventType;
use hat_event_eventer::Events;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Load, Measured, events};
use crate::failure::Failure;
use crate::network::ServerArgs;

/// Registers batches with one client, so many at a time as the window has, and counts what subscribers are told of.
///
/// The time of a request ends when the last subscriber has its events.
pub(super) async fn run(load: &Load, server: &ServerArgs) -> Result<Measured, Failure> {
    let subscribers = Arc::new(Subscribers::default());
    let mut tasks = JoinSet::new();
    let mut clients = Vec::new();
    for number in 0..load.clients as usize {
        let options = server.options().subscribe([EventType::from(["bench", "*"])]);
        let (client, events) = server.connect(options).await?;
        clients.push(client);
        subscribers.add();
        tasks.spawn(count(Arc::clone(&subscribers), number, events));
    }
    let (writer, _events) = server.connect(server.options()).await?;
    let batch = events(load.batch);
    let begin = Instant::now();
    let end = begin + Duration::from_secs(load.duration);
    let (mut times, mut sent, mut waiting) = (Vec::new(), 0, std::collections::VecDeque::new());
    while Instant::now() < end || !waiting.is_empty() {
        if Instant::now() < end && waiting.len() < load.window as usize {
            writer.register(&batch).await.map_err(|error| server.failure(&error))?;
            sent += load.batch;
            waiting.push_back((sent, Instant::now()));
        } else if let Some((total, start)) = waiting.pop_front() {
            subscribers.wait_for_all(total).await.map_err(|()| {
                Failure::Input(format!("server {}: events did not arrive within 30 s", server.address()))
            })?;
            times.push(start.elapsed());
        }
    }
    let measured = Measured::new(begin, sent * load.clients, times);
    tasks.abort_all();
    writer.async_close().await;
    for client in clients {
        client.async_close().await;
    }
    Ok(measured)
}

/// How many events each subscriber has.
#[derive(Default)]
struct Subscribers {
    counts: std::sync::RwLock<Vec<AtomicU64>>,
    changed: watch::Sender<()>,
}

impl Subscribers {
    fn add(&self) {
        self.counts.write().unwrap_or_else(std::sync::PoisonError::into_inner).push(AtomicU64::new(0));
    }

    fn told(&self, number: usize, count: u64) {
        let counts = self.counts.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(all) = counts.get(number) {
            all.fetch_add(count, Ordering::AcqRel);
        }
        self.changed.send_replace(());
    }

    fn least(&self) -> u64 {
        let counts = self.counts.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        counts.iter().map(|count| count.load(Ordering::Acquire)).min().unwrap_or(0)
    }

    /// Waits until each has so many events, but not forever.
    async fn wait_for_all(&self, total: u64) -> Result<(), ()> {
        let mut changed = self.changed.subscribe();
        let all = changed.wait_for(|()| self.least() >= total);
        tokio::time::timeout(Duration::from_secs(30), all).await.map(drop).map_err(drop)
    }
}

async fn count(subscribers: Arc<Subscribers>, number: usize, mut events: Events) {
    while let Some(events) = events.next().await {
        subscribers.told(number, events.len() as u64);
    }
}
