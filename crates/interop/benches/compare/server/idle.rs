//! Memory of connections on which nothing happens.

use std::fs;
use std::time::Duration;

use super::connection::Connection;
use super::driver::Driver;
use super::process::Server;
use super::{FLOOR, Scale, floor, template};
use crate::Result;
use crate::contest::{Entry, HERE, REFERENCE, hold_for};
use crate::table::Row;

/// More files than connections that a server may have open.
const OTHERS: usize = 100;
/// After the last connection was accepted, a server may still have something to put away.
const SETTLES: Duration = Duration::from_millis(200);

pub(crate) fn step(name: &str, Scale { rounds, idle, .. }: Scale) -> Result<Vec<Row>> {
    let name = format!("{name}, {idle}: KiB each");
    let (needed, limit) = (idle + OTHERS, open_files()?);
    if limit < needed {
        eprintln!(
            "{name} is not measured: it needs {needed} open files and the limit is {limit}: `ulimit -n {needed}`"
        );
        return Ok(vec![Row::numbers(name, Vec::new())]);
    }
    let driver = Driver::new()?;
    let entry = |contestant, start: fn(&Driver) -> Result<Server>| {
        let driver = &driver;
        Entry::new(contestant, move || {
            let server = start(driver)?;
            Ok(driver.run(contestant, measure(&server, idle))? / 1024.0)
        })
    };
    let entries =
        vec![entry(HERE, Server::here), entry(REFERENCE, Server::reference), entry(FLOOR, |_| Server::floor())];
    Ok(vec![Row::numbers(name, hold_for(rounds, entries)?)])
}

/// Bytes a connection.
async fn measure(server: &Server, count: usize) -> Result<f64> {
    // Whatever is made for the first connection is not of each.
    let first = open(server, 0).await?;
    let before = server.memory()?;
    let mut connections = vec![first];
    for number in 1..=count {
        connections.push(open(server, number).await?);
    }
    tokio::time::sleep(SETTLES).await;
    Ok((server.memory()? - before) / count as f64)
}

async fn open(server: &Server, number: usize) -> Result<Connection> {
    if server.name == FLOOR {
        return Connection::open_floor(server.address, floor::ECHO, &template::notify(1).frame(1, 1)).await;
    }
    let (name, subscription) = (format!("client {number}"), format!("client/{number}/*"));
    Ok(Connection::open(server.address, &name, &[&subscription]).await?.0)
}

/// How many files this process, and each that it starts, may have open.
fn open_files() -> Result<usize> {
    let limits = fs::read_to_string("/proc/self/limits")?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = line.and_then(|line| line.split_whitespace().next()).ok_or("no limit of open files is known")?;
    Ok(soft.parse().unwrap_or(usize::MAX))
}
