//! A server that is told to end while it has a lot to write, others write, and some do not read.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hat_event_common::EventPayload;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::file::File;
use crate::history::check_complete_batches;
use crate::place::Place;
use crate::server::Server;
use crate::writers::{Writers, fill, name};
use crate::{Extent, Result, raw};

/// How long it may take.
const ALLOWED: Duration = Duration::from_secs(2);
/// What is in memory when it is told to end, or was acknowledged before.
const EVENTS: u64 = 250_000;
const WRITERS: u64 = 8;
/// Subscribers that read nothing.
const SLOW: usize = 20;

pub(crate) async fn run(_: Extent) -> Result {
    let mut lines = Vec::new();
    for (durability, slow, writers) in
        [("memory", 0, 0), ("memory", SLOW, WRITERS), ("flushed", 0, 0), ("flushed", SLOW, WRITERS)]
    {
        let line = stop(durability, slow, writers).await;
        let case = format!("{durability}, {writers} writers, {slow} slow subscribers");
        lines.push(format!("{case}: {}", line.map_err(|error| format!("{case}: {error}"))?));
    }
    Ok(lines.join("; "))
}

async fn stop(durability: &str, slow: usize, writers: u64) -> Result {
    let changes = json!({"durability": durability, "limits": {"backlog_events": 600_000}});
    let place = Place::new(&format!("stop-{durability}-{writers}"), changes)?;
    let mut server = Server::start_conf(&place.conf())?;
    let mut subscribers = Vec::new();
    for _ in 0..slow {
        let mut stream = TcpStream::connect(server.host_port()).await?;
        stream.write_all(&raw::init(vec![["*"].into()])).await?;
        subscribers.push(stream);
    }
    let filled = fill(&server.address, WRITERS, EVENTS).await?;
    let before = std::fs::metadata(place.file())?.len();
    if durability == "memory" && before > 1 << 20 {
        return Err(format!("the file has {before} bytes already: events are not only in memory").into());
    }
    let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64;
    let writing = Writers::start(&server.address, 0, writers, 50, seed).await?;
    if writers > 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    server.check()?;
    let start = Instant::now();
    let took = server.terminate(Duration::from_secs(30)).await?;
    let mut written = writing.finish().await?;
    let noticed = start.elapsed();
    written.resize_with(WRITERS as usize, Default::default);
    written.push(filled);
    drop(subscribers);

    let file = File::read(&place.file())?;
    file.check_indexes()?;
    let events: Vec<_> = file.history().map(|event| (event.id, name(event))).collect();
    check_complete_batches(0, &file, &events, &written)?;
    let acknowledged: Vec<_> = written.iter().flat_map(|written| &written.acknowledged).collect();
    for (_, id, name) in &acknowledged {
        // Ordered by id, as the check of indexes found.
        let stored = events.binary_search_by_key(id, |(id, _)| *id).ok().and_then(|at| events[at].1);
        if stored != Some(*name) {
            return Err(format!("event {id} {name:?} was acknowledged, and is lost").into());
        }
    }
    let stopped = EventPayload::json("STOPPED")?;
    if file.history().last().and_then(|event| event.payload.as_ref()) != Some(&stopped) {
        return Err("the last event does not say that the engine stopped".into());
    }
    if took > ALLOWED {
        return Err(format!("it took {took:.2?} instead of {ALLOWED:?}").into());
    }
    Ok(format!(
        "{} acknowledged, all there, ended after {took:.2?}, clients knew after {noticed:.2?}",
        acknowledged.len()
    ))
}
