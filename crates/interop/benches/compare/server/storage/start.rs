//! From starting a server on a large database until it answers a query.

use std::time::Instant;

use hat_event_common::QueryLatestParams;

use super::{Folder, all_types, filled, start};
use crate::Result;
use crate::contest::{Entry, HERE, REFERENCE, hold_for};
use crate::server::Scale;
use crate::server::connection::Connection;
use crate::server::driver::Driver;
use crate::server::template;
use crate::table::Row;

const ROUNDS: usize = 7;

pub(crate) fn step(name: &str, Scale { rounds, stored, .. }: Scale) -> Result<Vec<Row>> {
    let (driver, folder) = (Driver::new()?, Folder::new()?);
    let databases = filled(&driver, &folder, stored)?;
    let one_type = all_types().into_iter().take(1).map(|event| event.event_type).collect();
    let request = template::query(QueryLatestParams { event_types: Some(one_type) });
    let entries = [HERE, REFERENCE].into_iter().zip(&databases).map(|(contestant, database)| {
        let (driver, request) = (&driver, &request);
        Entry::new(contestant, move || {
            let begin = Instant::now();
            let server = start(contestant, database, None)?;
            let count = driver.run(contestant, async {
                Connection::open(server.address, "query", &[]).await?.0.query(request).await
            })?;
            let taken = begin.elapsed().as_secs_f64();
            if count == 1 { Ok(taken) } else { Err(format!("the latest event of a type is {count} events").into()) }
        })
    });
    Ok(vec![Row::times(
        format!("{name}, {stored} events: first answer"),
        hold_for(rounds.min(ROUNDS), entries.collect())?,
    )])
}
