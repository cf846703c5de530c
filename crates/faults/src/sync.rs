//! What is acknowledged as flushed has been synced before: a trace of system calls.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::place::Place;
use crate::server::{Server, wait};
use crate::trace::{self, Acknowledged};
use crate::writers::{named, operational};
use crate::{Extent, Result};

const COUNT: u64 = 200;

pub(crate) async fn run(_: Extent) -> Result {
    let flushed = traced("flushed").await?;
    let late: Vec<String> = flushed.iter().filter_map(|acknowledged| acknowledged.missing()).collect();
    if let Some(first) = late.first() {
        return Err(format!("{} of {COUNT} acknowledgements were written too early: {first}", late.len()).into());
    }
    // Without waiting for the disk, the same trace has to show it.
    let memory = traced("memory").await?;
    let early = memory.iter().filter(|acknowledged| acknowledged.missing().is_some()).count();
    if early == 0 {
        return Err("the trace tells no difference between durability flushed and memory".into());
    }
    Ok(format!(
        "{COUNT} of {COUNT} acknowledgements written after the sync of their events; with durability memory, {} are",
        memory.len() - early
    ))
}

/// Has events acknowledged one after the other, and reads what the server did for each.
async fn traced(durability: &str) -> Result<Vec<Acknowledged>> {
    let place = Place::new(&format!("sync-{durability}"), json!({"durability": durability}))?;
    let trace = place.path("trace");
    let mut strace = Command::new("strace");
    // As a child of the server, with each file's path, and enough of what is written to find events in pages.
    strace.args(["-D", "-f", "-y", "-q", "-s", "70000", "-e", trace::CALLS, "-o"]).arg(&trace);
    let server = Server::start_conf_under(&mut strace, &place.conf());
    let mut server = server.map_err(|error| format!("{error} (is strace installed, and may it trace?)"))?;
    let client = operational(&server.address, "traced").await?;
    for number in 0..COUNT {
        client.register_with_response(&[named((0, 7, 1_000_000 + number))]).await?;
    }
    client.async_close().await;
    server.terminate(Duration::from_secs(30)).await?;
    let mut text = String::new();
    let ends = |line: &str| line.starts_with(&server.id().to_string()) && line.ends_with("+++ exited with 0 +++");
    let is_complete = wait(Duration::from_secs(10), || {
        text = String::from_utf8_lossy(&std::fs::read(&trace)?).into_owned();
        Ok(text.lines().last().is_some_and(ends))
    });
    if !is_complete.await? {
        return Err("the trace does not end with the server".into());
    }
    let events = (0..COUNT).map(|number| format!("[0, 7, {}]", 1_000_000 + number)).collect::<Vec<_>>();
    trace::read(&text, &place.file(), &events)
}
