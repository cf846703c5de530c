//! Queries on a database of a million events, which our server wrote and both have a copy of.

use std::ops::Range;
use std::time::Instant;

use hat_event_common::{QueryLatestParams, QueryTimeseriesParams};

use super::{Folder, TYPES, all_types, filled, start};
use crate::Result;
use crate::contest::{Entry, HERE, REFERENCE, hold_for};
use crate::server::Scale;
use crate::server::connection::Connection;
use crate::server::driver::Driver;
use crate::server::process::Server;
use crate::server::template::{self, Template};
use crate::table::Row;

/// So many results a query has at most, unless a configuration says otherwise.
const PAGE: usize = 4096;

pub(crate) fn step(name: &str, Scale { rounds, stored, .. }: Scale) -> Result<Vec<Row>> {
    let (driver, folder) = (Driver::new()?, Folder::new()?);
    let databases = filled(&driver, &folder, stored)?;
    let mut servers = Vec::new();
    for (contestant, database) in [HERE, REFERENCE].into_iter().zip(&databases) {
        servers.push(start(contestant, database, None)?.wait_until_operational(&driver)?);
    }
    let latest = template::query(QueryLatestParams::default());
    let newest = template::query(QueryTimeseriesParams::default());
    let one_type = vec![all_types()[TYPES / 3].event_type.clone()];
    let one =
        template::query(QueryTimeseriesParams { event_types: Some(one_type), ..QueryTimeseriesParams::default() });
    let queries = [
        // Also the servers have registered something: that they started, and that clients came and went.
        ("latest of 10,000 types".to_owned(), latest, TYPES..TYPES + 50),
        (format!("time series, {PAGE} results"), newest, PAGE..PAGE + 1),
        (format!("time series of one type, {stored} events stored"), one, stored / TYPES..stored / TYPES + 1),
    ];
    let mut rows = Vec::new();
    for (what, request, expected) in &queries {
        let entries = servers.iter().map(|server| {
            let driver = &driver;
            Entry::new(server.name, move || driver.run(server.name, measure(server, request, expected)))
        });
        rows.push(Row::times(format!("{name}: {what}"), hold_for(rounds, entries.collect())?));
    }
    Ok(rows)
}

/// Each time by a new connection: one that waits for its turn answers no pings, and the reference takes longer than may be.
async fn measure(server: &Server, request: &Template, expected: &Range<usize>) -> Result<f64> {
    let (mut connection, _) = Connection::open(server.address, "query", &[]).await?;
    let start = Instant::now();
    let count = connection.query(request).await?;
    let taken = start.elapsed().as_secs_f64();
    if !expected.contains(&count) {
        return Err(format!("a query has {count} results instead of {expected:?}").into());
    }
    Ok(taken)
}
