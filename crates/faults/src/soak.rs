//! A server under load for long, on a file whose events are limited.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hat_event_chatter::Address;
use hat_event_common::RegisterEvent;
use hat_event_eventer::Client;
use serde_json::json;
use tokio::task::JoinSet;

use crate::file::File;
use crate::place::Place;
use crate::server::Server;
use crate::writers::{named, operational};
use crate::{Extent, Result};

const CLIENTS: u64 = 4;
const BATCH: u64 = 100;
const MAX_ENTRIES: u64 = 100_000;
/// So many bytes of files may be in memory: what the server allows, its program, and what comes while it writes and cleans up once.
const MAX_MAPPED: u64 = 128 << 20;
/// How long the highest rate is measured.
const MEASURED: Duration = Duration::from_secs(10);

pub(crate) async fn run(Extent { short, .. }: Extent) -> Result {
    let duration = Duration::from_secs(if short { 60 } else { 600 });
    let limited = json!([{"order_by": "TIMESTAMP", "subscriptions": [["*"]], "limit": {"max_entries": MAX_ENTRIES}}]);
    let place = Place::new("soak", json!({"timeseries": limited, "flush_period": 1, "cleanup_period": 1}))?;
    let mut server = Server::start_conf(&place.conf())?;
    let highest = Load::start(&server.address, None).await?.measure(MEASURED).await?;
    let wanted = highest / 2.0;
    let load = Load::start(&server.address, Some(wanted)).await?;
    let mut samples = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    let start = Instant::now();
    while start.elapsed() < duration {
        ticks.tick().await;
        server.check()?;
        let size = std::fs::metadata(place.file())?.len();
        let (own, mapped) = (server.own_memory()?, server.memory_of_files()?);
        samples.push(Sample { own, mapped, files: server.files()? as u64, size });
    }
    let rate = load.finish(start).await?;
    let flat = flat(&samples)?;
    if rate < wanted * 0.9 {
        return Err(format!("{rate:.0} events/s were registered instead of {wanted:.0}").into());
    }
    server.terminate(Duration::from_secs(30)).await?;
    let file = File::read(&place.file())?;
    let left = file.history().count() as f64;
    // What comes within a period of cleaning up, and the time that takes.
    if left > MAX_ENTRIES as f64 + 5.0 * wanted {
        return Err(format!("{left} events are left of at most {MAX_ENTRIES}").into());
    }
    Ok(format!(
        "{duration:?} at {rate:.0} of {highest:.0} events/s: {flat}; {left} events left of at most {MAX_ENTRIES}"
    ))
}

struct Sample {
    /// Memory of the process alone, and pages of files in it, which come and go.
    own: u64,
    mapped: u64,
    files: u64,
    size: u64,
}

/// After a third of the time, nothing may grow any more: the highest of the last third is that of the second.
fn flat(samples: &[Sample]) -> Result {
    const NOISE: u64 = 4 << 20;
    let third = samples.len() / 3;
    let parts = [&samples[third..2 * third], &samples[2 * third..]];
    let highest = |of: fn(&Sample) -> u64| parts.map(|part| part.iter().map(of).max().unwrap_or_default());
    let [own, size, files] =
        [highest(|sample| sample.own), highest(|sample| sample.size), highest(|sample| sample.files)];
    let mapped = highest(|sample| sample.mapped);
    let mib = |[before, after]: [u64; 2]| {
        format!("{:.1} then {:.1} MiB", before as f64 / 1048576.0, after as f64 / 1048576.0)
    };
    let line = format!(
        "memory of its own {}, of files {}, file {}, {} then {} descriptors",
        mib(own),
        mib(mapped),
        mib(size),
        files[0],
        files[1]
    );
    let grows = |[before, after]: [u64; 2]| after > before + before / 20 + NOISE;
    if grows(own) || mapped.iter().any(|most| *most > MAX_MAPPED) || grows(size) || files[1] > files[0] {
        Err(format!("it grows: {line}").into())
    } else {
        Ok(line)
    }
}

/// Clients that register.
struct Load {
    stop: Arc<AtomicBool>,
    registered: Arc<AtomicU64>,
    tasks: JoinSet<Result<()>>,
}

impl Load {
    /// Clients that register so many events a second together, or as many as they can.
    async fn start(address: &Address, rate: Option<f64>) -> Result<Self> {
        let mut load = Self { stop: Arc::default(), registered: Arc::default(), tasks: JoinSet::new() };
        for writer in 0..CLIENTS {
            let client = operational(address, &format!("load-{writer}")).await?;
            let events = (0..BATCH).map(|number| named((0, writer, number))).collect();
            let period = rate.map(|rate| Duration::from_secs_f64((BATCH * CLIENTS) as f64 / rate));
            load.tasks.spawn(register(client, events, period, Arc::clone(&load.stop), Arc::clone(&load.registered)));
        }
        Ok(load)
    }

    async fn measure(self, duration: Duration) -> Result<f64> {
        // Until commits and cleaning up take part.
        tokio::time::sleep(duration / 2).await;
        self.registered.store(0, Ordering::Relaxed);
        let start = Instant::now();
        tokio::time::sleep(duration).await;
        self.finish(start).await
    }

    /// How many events were registered a second.
    async fn finish(mut self, start: Instant) -> Result<f64> {
        let rate = self.registered.load(Ordering::Relaxed) as f64 / start.elapsed().as_secs_f64();
        self.stop.store(true, Ordering::Relaxed);
        while let Some(done) = self.tasks.join_next().await {
            done??;
        }
        Ok(rate)
    }
}

async fn register(
    client: Client,
    events: Vec<RegisterEvent>,
    period: Option<Duration>,
    stop: Arc<AtomicBool>,
    registered: Arc<AtomicU64>,
) -> Result<()> {
    let mut next = tokio::time::Instant::now();
    while !stop.load(Ordering::Relaxed) {
        if let Some(period) = period {
            tokio::time::sleep_until(next).await;
            next += period;
        }
        client.register_with_response(&events).await?;
        registered.fetch_add(BATCH, Ordering::Relaxed);
    }
    client.async_close().await;
    Ok(())
}
