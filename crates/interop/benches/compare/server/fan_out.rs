//! Events to many subscribers.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use hat_event_common::Sbs;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::spawn_local;

use super::connection::{Connection, receive};
use super::driver::Driver;
use super::process::Server;
use super::template::{self, Template};
use super::{FLOOR, NATS, Scale, floor, nats};
use crate::contest::{Entry, hold_for};
use crate::table::Row;
use crate::{Result, events};

const SUBSCRIBERS: usize = 50;
const BATCH: usize = 100;
/// So many batches are on their way at a time.
const WINDOW: usize = 8;

pub(crate) fn step(name: &str, Scale { rounds, slice, .. }: Scale) -> Result<Vec<Row>> {
    let driver = Driver::new()?;
    let mut servers = vec![Server::here(&driver)?, Server::reference(&driver)?, Server::floor()?];
    servers.extend(Server::nats()?);
    let fan_outs: Result<Vec<FanOut>> =
        servers.iter().map(|server| driver.run(server.name, FanOut::connect(server))).collect();
    let mut fan_outs = fan_outs?;
    let entries = servers.iter().zip(&mut fan_outs).map(|(server, fan_out)| {
        let driver = &driver;
        Entry::new(server.name, move || driver.run(server.name, fan_out.measure(slice)))
    });
    let measured = hold_for(rounds, entries.collect())?;
    Ok(vec![Row::rates(format!("{name} of batches of {BATCH} to {SUBSCRIBERS} subscribers: events"), measured)])
}

/// One who publishes, and those who count what comes of it.
struct FanOut {
    publisher: Publisher,
    counts: Rc<Counts>,
    published: usize,
}

enum Publisher {
    Chatter(Connection, Template),
    Nats(TcpStream, Vec<u8>),
}

impl Publisher {
    async fn publish(&mut self) -> Result {
        match self {
            Self::Chatter(connection, batch) => {
                connection.put(batch);
                connection.send().await
            }
            Self::Nats(stream, batch) => Ok(stream.write_all(batch).await?),
        }
    }
}

/// How many events each subscriber has got.
struct Counts {
    each: RefCell<[usize; SUBSCRIBERS]>,
    all: Cell<usize>,
    failure: RefCell<Option<String>>,
    changed: Notify,
}

impl Counts {
    fn new() -> Rc<Self> {
        let each = RefCell::new([0; SUBSCRIBERS]);
        Rc::new(Self { each, all: Cell::new(0), failure: RefCell::new(None), changed: Notify::new() })
    }

    fn add(&self, subscriber: usize, events: usize) {
        self.each.borrow_mut()[subscriber] += events;
        self.all.set(self.all.get() + events);
        self.changed.notify_one();
    }

    /// Counts what a subscriber gets, for as long as it gets something.
    fn count(self: &Rc<Self>, counting: impl Future<Output = Result> + 'static) {
        let counts = Rc::clone(self);
        spawn_local(async move {
            if let Err(error) = counting.await {
                counts.failure.replace(Some(format!("a subscriber: {error}")));
                counts.changed.notify_one();
            }
        });
    }

    /// Waits until so many events were delivered.
    async fn wait(&self, events: usize) -> Result {
        while self.all.get() < events {
            if let Some(failure) = self.failure.borrow_mut().take() {
                return Err(failure.into());
            }
            self.changed.notified().await;
        }
        Ok(())
    }
}

impl FanOut {
    async fn connect(server: &Server) -> Result<Self> {
        let (counts, address) = (Counts::new(), server.address);
        let notify = template::notify(BATCH).frame(1, 1);
        for number in 0..SUBSCRIBERS {
            match server.name {
                NATS => {
                    let stream = nats::open(address, true).await?;
                    counts.count(count_nats(stream, number, Rc::clone(&counts)));
                }
                FLOOR => {
                    let connection = Connection::open_floor(address, floor::SUBSCRIBE, &notify).await?;
                    counts.count(count_chatter(connection, number, Rc::clone(&counts)));
                }
                _ => {
                    let name = format!("subscriber {number}");
                    let connection = Connection::open(address, &name, &["*"]).await?.0;
                    counts.count(count_chatter(connection, number, Rc::clone(&counts)));
                }
            }
        }
        let request = template::register(BATCH, false).0;
        let publisher = match server.name {
            NATS => {
                let payloads = events::events(BATCH).into_iter().map(|event| event.to_sbs_bytes());
                Publisher::Nats(nats::open(address, false).await?, nats::publish(payloads))
            }
            FLOOR => Publisher::Chatter(Connection::open_floor(address, floor::PUBLISH, &notify).await?, request),
            _ => Publisher::Chatter(Connection::open(address, "publisher", &[]).await?.0, request),
        };
        let mut fan_out = Self { publisher, counts, published: 0 };
        fan_out.publish().await?;
        fan_out.wait(0).await?;
        Ok(fan_out)
    }

    async fn publish(&mut self) -> Result {
        self.published += 1;
        self.publisher.publish().await
    }

    /// Waits until all but so many batches were delivered to all.
    async fn wait(&self, but: usize) -> Result {
        self.counts.wait(self.published.saturating_sub(but) * BATCH * SUBSCRIBERS).await
    }

    /// Seconds an event that was delivered.
    async fn measure(&mut self, slice: Duration) -> Result<f64> {
        let (before, begin) = (self.published, Instant::now());
        while begin.elapsed() < slice {
            self.publish().await?;
            self.wait(WINDOW - 1).await?;
        }
        self.wait(0).await?;
        let taken = begin.elapsed().as_secs_f64();
        let expected = self.published * BATCH;
        if self.counts.each.borrow().iter().any(|count| *count != expected) {
            return Err(format!("not all subscribers got {expected} events: {:?}", self.counts.each.borrow()).into());
        }
        Ok(taken / ((self.published - before) * BATCH * SUBSCRIBERS) as f64)
    }
}

/// Counts from the first batch on. Before it, the server may tell of clients that connect, one at a time.
async fn count_chatter(mut connection: Connection, number: usize, counts: Rc<Counts>) -> Result {
    let mut started = false;
    loop {
        let mut events = 0;
        connection
            .receive(|head| {
                if head.data_type == b"HatEventer.MsgEventsNotify" {
                    let [count] = head.integers().unwrap_or_default();
                    started |= count == BATCH as i64;
                    events += if started { count as usize } else { 0 };
                }
            })
            .await?;
        if events > 0 {
            counts.add(number, events);
        }
    }
}

async fn count_nats(mut stream: TcpStream, number: usize, counts: Rc<Counts>) -> Result {
    let mut counter = nats::Counter::default();
    loop {
        let (messages, pings) = receive(&stream, |piece| counter.feed(piece)).await?;
        for _ in 0..pings {
            stream.write_all(b"PONG\r\n").await?;
        }
        if messages > 0 {
            counts.add(number, messages);
        }
    }
}
