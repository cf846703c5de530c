//! How long a request waits for its event to be on disk, where that is what an answer means.

use super::floor::Commits;
use super::{Folder, start};
use crate::Result;
use crate::contest::{Entry, HERE, hold_for};
use crate::server::driver::Driver;
use crate::server::process::Server;
use crate::server::register::Client;
use crate::server::{COMMIT, COMMIT_AND_ECHO, FLOOR, Scale};
use crate::table::Row;

pub(crate) fn step(name: &str, Scale { rounds, slice, .. }: Scale) -> Result<Vec<Row>> {
    let (driver, folder) = (Driver::new()?, Folder::new()?);
    let servers = [
        start(HERE, &folder.database("flushed.db"), Some("flushed"))?.wait_until_operational(&driver)?,
        Server::floor()?,
    ];
    let mut commits = Commits::new(&folder.database("floor.db"))?;
    let mut clients = Vec::new();
    for server in &servers {
        clients.push((server.name, driver.run(server.name, Client::connect(server, 1))?));
    }
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for (contestant, client) in &mut clients {
        let (driver, contestant) = (&driver, *contestant);
        entries.push(Entry::new(contestant, move || {
            driver.run(contestant, client.one_at_a_time(slice)).map(|[half, _]| half)
        }));
    }
    entries.push(Entry::new(COMMIT, || commits.half(slice)));
    let mut half = hold_for(rounds, entries)?;
    let floor = half.iter().filter(|(name, _)| [FLOOR, COMMIT].contains(&name.as_str())).map(|(_, time)| time).sum();
    half.push((COMMIT_AND_ECHO.to_owned(), floor));
    Ok(vec![Row::times(format!("{name}, one at a time: p50"), half)])
}
