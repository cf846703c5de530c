//! Registering events with response: how long one request takes, and how many get through.

use std::time::{Duration, Instant};

use super::connection::Connection;
use super::driver::Driver;
use super::process::Server;
use super::template::{self, Template};
use super::{FLOOR, Scale, floor};
use crate::Result;
use crate::contest::{Entry, Measured, hold_for, median};
use crate::table::Row;

/// So many requests wait for their responses at a time, where it is more than one.
const WINDOW: usize = 8;
const BATCH: usize = 100;
/// What the floor answers, which does not look at ids: none that a request has, in as many bytes.
const ANY: i64 = -1;

pub(crate) fn step(name: &str, Scale { rounds, slice, .. }: Scale) -> Result<Vec<Row>> {
    let driver = Driver::new()?;
    let servers = [Server::here(&driver)?, Server::reference(&driver)?, Server::floor()?];
    let connect = |batch| -> Result<Vec<Client>> {
        servers.iter().map(|server| driver.run(server.name, Client::connect(server, batch))).collect()
    };

    let mut latest = vec![Vec::new(); servers.len()];
    let (mut clients, mut batches) = (connect(1)?, connect(BATCH)?);
    let entries = clients.iter_mut().zip(&mut latest).map(|(client, latest)| {
        let driver = &driver;
        Entry::new(client.name, move || {
            let [half, most] = driver.run(client.name, client.one_at_a_time(slice))?;
            latest.push(most);
            Ok(half)
        })
    });
    let half = hold_for(rounds, entries.collect())?;
    let most: Measured =
        servers.iter().map(|server| server.name.to_owned()).zip(latest.into_iter().map(median)).collect();

    let windows = |clients: &mut [Client]| {
        let entries = clients.iter_mut().map(|client| {
            let driver = &driver;
            Entry::new(client.name, move || driver.run(client.name, client.window(slice)))
        });
        hold_for(rounds, entries.collect())
    };
    let (requests, events) = (windows(&mut clients)?, windows(&mut batches)?);
    Ok(vec![
        Row::times(format!("{name}, one at a time: p50"), half),
        Row::times(format!("{name}, one at a time: p99"), most),
        Row::rates(format!("{name}, {WINDOW} in flight: requests"), requests),
        Row::rates(format!("{name}, batches of {BATCH}, {WINDOW} in flight: events"), events),
    ])
}

/// One that registers the same events over and over.
pub(crate) struct Client {
    name: &'static str,
    connection: Connection,
    request: Template,
    batch: usize,
    /// The requests that wait for their responses.
    waiting: Vec<i64>,
}

impl Client {
    pub(crate) async fn connect(server: &Server, batch: usize) -> Result<Self> {
        let (request, answer) = template::register(batch, true);
        let connection = if server.name == FLOOR {
            Connection::open_floor(server.address, floor::ECHO, &answer.frame(1, ANY)).await?
        } else {
            Connection::open(server.address, "register", &[]).await?.0
        };
        Ok(Self { name: server.name, connection, request, batch, waiting: Vec::new() })
    }

    /// Sends so many requests in one piece.
    async fn request(&mut self, count: usize) -> Result {
        for _ in 0..count {
            self.waiting.push(self.connection.put(&self.request));
        }
        self.connection.send().await
    }

    /// Waits for something, and returns how many requests were answered by it.
    async fn answers(&mut self) -> Result<usize> {
        let before = self.waiting.len();
        let waiting = &mut self.waiting;
        let expected = [0, self.batch as i64];
        let mut wrong = false;
        self.connection
            .receive(|head| {
                if head.data_type == b"HatEventer.MsgRegisterRes" {
                    let to = waiting.iter().position(|id| *id == head.first || head.first == ANY);
                    wrong |= to.is_none() || head.integers() != Some(expected);
                    to.map(|to| waiting.remove(to));
                }
            })
            .await?;
        if wrong { Err("a request is not answered by its events".into()) } else { Ok(before - self.waiting.len()) }
    }

    /// Seconds that half of the requests take at most, and 99 % of them.
    pub(crate) async fn one_at_a_time(&mut self, slice: Duration) -> Result<[f64; 2]> {
        let (mut times, begin) = (Vec::new(), Instant::now());
        while begin.elapsed() < slice {
            let start = Instant::now();
            self.request(1).await?;
            while self.answers().await? == 0 {}
            times.push(start.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        Ok([50, 99].map(|percent| times[times.len() * percent / 100]))
    }

    /// Seconds an event, with a request for each that was answered.
    async fn window(&mut self, slice: Duration) -> Result<f64> {
        let (mut answered, begin) = (0, Instant::now());
        self.request(WINDOW).await?;
        while begin.elapsed() < slice {
            let count = self.answers().await?;
            self.request(count).await?;
            answered += count;
        }
        while !self.waiting.is_empty() {
            answered += self.answers().await?;
        }
        Ok(begin.elapsed().as_secs_f64() / (answered * self.batch) as f64)
    }
}
