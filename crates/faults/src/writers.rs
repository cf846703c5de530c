//! Clients that write until their connection ends, and remember what they were told.

use std::ops::Range;
use std::time::{Duration, Instant};

use hat_event_chatter::Address;
use hat_event_common::{Event, EventId, EventPayload, EventType, RegisterEvent, Status, Timestamp};
use hat_event_eventer::{Client, ClientOptions, RequestError};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::Result;
use crate::raw::Random;

/// What an event is called by who writes it: the round, the writer, and how many it wrote before.
pub(crate) type Name = (u64, u64, u64);

/// How long anything may take that is going to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// The name of an event that a writer wrote.
pub(crate) fn name(event: &Event) -> Option<Name> {
    event.payload.as_ref()?.parse().ok()
}

/// An event with a name, of one of 25 types of its writer; every other one has a source timestamp.
pub(crate) fn named((round, writer, number): Name) -> RegisterEvent {
    RegisterEvent {
        event_type: EventType::from(["faults", &writer.to_string(), &(number % 25).to_string()]),
        source_timestamp: number.is_multiple_of(2).then(Timestamp::now),
        payload: EventPayload::json(&(round, writer, number)).ok(),
    }
}

/// What a writer did, and was told.
#[derive(Default)]
pub(crate) struct Written {
    /// How many events it had sent with each batch.
    pub(crate) sent: Vec<u64>,
    /// Events that were acknowledged, and when.
    pub(crate) acknowledged: Vec<(Instant, EventId, Name)>,
}

/// Clients that write.
pub(crate) struct Writers(Vec<JoinHandle<Result<Written>>>);

impl Writers {
    /// So many writers, each of batches of 1 to `max_batch` events.
    pub(crate) async fn start(address: &Address, round: u64, count: u64, max_batch: usize, seed: u64) -> Result<Self> {
        let mut tasks = Vec::new();
        for writer in 0..count {
            let client = operational(address, &format!("writer-{writer}")).await?;
            let random = Random(seed.wrapping_add(writer << 32) | 1);
            tasks.push(tokio::spawn(write(client, (round, writer), max_batch, random)));
        }
        Ok(Self(tasks))
    }

    /// What they wrote until their connections ended.
    pub(crate) async fn finish(self) -> Result<Vec<Written>> {
        let mut all = Vec::new();
        for task in self.0 {
            all.push(timeout(PATIENCE, task).await.map_err(|_| "a writer does not notice the end")???);
        }
        Ok(all)
    }
}

/// A client of a server that takes registrations.
pub(crate) async fn operational(address: &Address, name: &str) -> Result<Client> {
    let (client, _) = Client::connect(address, ClientOptions::new(name)).await?;
    let mut status = client.watch_status();
    let operational = timeout(PATIENCE, status.wait_for(|status| *status == Status::Operational)).await;
    operational.map_err(|_| "the server does not become operational")??;
    Ok(client)
}

/// Writes so many events, a thousand at a time.
pub(crate) async fn fill(address: &Address, writer: u64, count: u64) -> Result<Written> {
    let client = operational(address, &format!("writer-{writer}")).await?;
    let mut written = Written::default();
    for end in (0..=count).step_by(1000).skip(1) {
        written.batch(&client, (0, writer), end - 1000..end).await?;
    }
    client.async_close().await;
    Ok(written)
}

impl Written {
    /// Registers events of these numbers.
    async fn batch(
        &mut self,
        client: &Client,
        of: (u64, u64),
        numbers: Range<u64>,
    ) -> std::result::Result<(), RequestError> {
        let (round, writer) = of;
        let names = numbers.clone().map(|number| (round, writer, number));
        let batch: Vec<RegisterEvent> = names.clone().map(named).collect();
        self.sent.push(numbers.end);
        let events = client.register_with_response(&batch).await?;
        let now = Instant::now();
        self.acknowledged.extend(events.iter().zip(names).map(|(event, name)| (now, event.id, name)));
        Ok(())
    }
}

async fn write(client: Client, (round, writer): (u64, u64), max_batch: usize, mut random: Random) -> Result<Written> {
    let mut written = Written::default();
    let mut next = 0;
    loop {
        let end = next + 1 + random.below(max_batch) as u64;
        match written.batch(&client, (round, writer), next..end).await {
            Ok(()) => next = end,
            // While it stops, the server refuses; nothing of that may be there, and the numbers are used again.
            Err(RequestError::Failure) => tokio::task::yield_now().await,
            Err(RequestError::Closed(_)) => return Ok(written),
            Err(error) => return Err(format!("writer {writer}: {error}").into()),
        }
    }
}

/// A client that is notified of all events, until its connection ends.
pub(crate) struct Told(JoinHandle<Vec<Event>>);

impl Told {
    /// Of events when they are registered, or once they are persisted.
    pub(crate) async fn start(address: &Address, persisted: bool) -> Result<Self> {
        let options = ClientOptions { persisted, ..ClientOptions::new("told").subscribe([EventType::from(["*"])]) };
        let (client, mut events) = Client::connect(address, options).await?;
        Ok(Self(tokio::spawn(async move {
            let mut told = Vec::new();
            while let Some(events) = events.next().await {
                told.extend(events);
            }
            drop(client);
            told
        })))
    }

    pub(crate) async fn finish(self) -> Result<Vec<Event>> {
        Ok(timeout(PATIENCE, self.0).await.map_err(|_| "a subscriber does not notice the end")??)
    }
}
