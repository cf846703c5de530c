use std::time::Duration;

use hat_event_common::{QueryTimeseriesParams, RegisterEvent};
use hat_event_eventer::{Client, RequestError};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Load, Measured, events};
use crate::failure::Failure;
use crate::network::ServerArgs;

/// What a request does.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Register,
    Query,
}

/// Makes requests with all clients, in as many lines as the window has, one after the other in each.
pub(super) async fn run(kind: Kind, load: &Load, server: &ServerArgs) -> Result<Measured, Failure> {
    let mut clients = Vec::new();
    for _ in 0..load.clients {
        clients.push(server.connect(server.options()).await?);
    }
    if matches!(kind, Kind::Query)
        && let Some((client, _)) = clients.first()
    {
        // There is something to be found.
        client.register_with_response(&events(load.batch)).await.map_err(|error| server.failure(&error))?;
    }
    let begin = Instant::now();
    let end = begin + Duration::from_secs(load.duration);
    let mut lines = JoinSet::new();
    for (client, _) in &clients {
        for _ in 0..load.window {
            lines.spawn(line(kind, client.clone(), load.batch, end));
        }
    }
    let (mut times, mut count) = (Vec::new(), 0);
    while let Some(line) = lines.join_next().await {
        let line = line.map_err(|error| Failure::Input(error.to_string()))?;
        let (line, events) = line.map_err(|error| server.failure(&error))?;
        times.extend(line);
        count += events;
    }
    let measured = Measured::new(begin, count, times);
    for (client, _) in clients {
        client.async_close().await;
    }
    Ok(measured)
}

/// Makes requests until the end, and returns how long each took and how many events they had.
async fn line(kind: Kind, client: Client, batch: u64, end: Instant) -> Result<(Vec<Duration>, u64), RequestError> {
    let events: Vec<RegisterEvent> = events(batch);
    let params = QueryTimeseriesParams { max_results: Some(batch), ..QueryTimeseriesParams::default() };
    let (mut times, mut count) = (Vec::new(), 0);
    loop {
        let start = Instant::now();
        if start >= end {
            return Ok((times, count));
        }
        count += match kind {
            Kind::Register => client.register_with_response(&events).await?.len() as u64,
            Kind::Query => client.query(params.clone()).await?.events.len() as u64,
        };
        times.push(start.elapsed());
    }
}
