mod fanout;
mod latency;
mod requests;

use std::io::{IsTerminal, Write};
use std::time::Duration;

use hat_event_common::{EventPayload, EventType, RegisterEvent, Timestamp, json_text};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use tokio::time::Instant;

use crate::failure::{Exit, Failure};
use crate::network::{ServerArgs, runtime};
use crate::output::Output;

const HELP: &str = "\
Examples:
  hat-event bench register --batch 100 --window 8
  hat-event bench fanout --clients 50 --batch 100
  hat-event bench query --window 4 --duration 10 --json

A client and its server share the machine here if both run on it: numbers compare only with others of the same machine.

Exit codes:
  0  it was measured
  2  there is no connection, or a request failed";

/// Measures a server: how much it does in a second, and how long requests take.
///
/// Events are registered under `bench`, each with a JSON payload of about 60 bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, subcommand_required = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,

    #[command(flatten)]
    load: Load,

    #[command(flatten)]
    server: ServerArgs,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Registers events, with responses.
    Register,
    /// Registers events with one client, and counts those that others are told of.
    Fanout,
    /// Asks for the last events of a time series.
    Query,
}

/// How much is asked of the server.
#[derive(Clone, Debug, clap::Args)]
struct Load {
    /// How many events are registered, or asked for, at once.
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    batch: u64,

    /// How many requests of a client wait for their answers at a time.
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    window: u64,

    /// How many clients there are; of fanout, how many subscribers.
    #[arg(long, global = true, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    clients: u64,

    /// How many seconds are measured.
    #[arg(long, global = true, value_name = "SECONDS", default_value = "5", value_parser = clap::value_parser!(u64).range(1..=3600))]
    duration: u64,

    /// Print a JSON object.
    #[arg(long, global = true)]
    json: bool,
}

/// What came out.
#[derive(Debug, Serialize)]
struct Measured {
    seconds: f64,
    requests: u64,
    requests_per_second: f64,
    /// Registered, delivered or found.
    events: u64,
    events_per_second: f64,
    /// Of a request, in microseconds.
    latency_us: latency::Percentiles,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let Args { what, load, server } = args;
    let measured = runtime()?.block_on(async {
        let progress = progress(Duration::from_secs(load.duration));
        let measured = match what {
            What::Register => requests::run(requests::Kind::Register, load, server).await,
            What::Query => requests::run(requests::Kind::Query, load, server).await,
            What::Fanout => fanout::run(load, server).await,
        };
        progress.abort();
        measured
    })?;
    if load.json {
        let text = json_text(&measured).map_err(|error| Failure::Input(error.to_string()))?;
        writeln!(out, "{text}")?;
        return Ok(Exit::Done);
    }
    let Measured { seconds, requests, requests_per_second, events, events_per_second, latency_us } = measured;
    writeln!(out, "{seconds:.2} s")?;
    writeln!(out, "requests  {requests:>12}  {requests_per_second:>12.0} a second")?;
    writeln!(out, "events    {events:>12}  {events_per_second:>12.0} a second")?;
    writeln!(out, "a request takes {latency_us}")?;
    Ok(Exit::Done)
}

impl Measured {
    fn new(begin: Instant, events: u64, times: Vec<Duration>) -> Self {
        let seconds = begin.elapsed().as_secs_f64();
        let requests = times.len() as u64;
        Self {
            seconds,
            requests,
            requests_per_second: requests as f64 / seconds,
            events,
            events_per_second: events as f64 / seconds,
            latency_us: latency::Percentiles::of(times),
        }
    }
}

/// The events of a request.
fn events(count: u64) -> Vec<RegisterEvent> {
    let event = |number: u64| RegisterEvent {
        event_type: EventType::from(["bench", "house", "kitchen", &*format!("sensor{}", number % 1000), "temperature"]),
        source_timestamp: number.is_multiple_of(2).then(Timestamp::now),
        payload: EventPayload::json(&serde_json::json!({
            "value": 20.0 + number as f64 / 7.0, "unit": "degree Celsius", "quality": "good",
        }))
        .ok(),
    };
    (0..count).map(event).collect()
}

/// Shows how much of the time is over, on a terminal.
fn progress(duration: Duration) -> tokio::task::AbortHandle {
    let visible = std::io::stderr().is_terminal();
    let task = tokio::spawn(async move {
        if !visible {
            return;
        }
        let style = ProgressStyle::with_template("{wide_bar} {eta} left");
        let bar = ProgressBar::new(duration.as_millis() as u64);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let _clear = Clear(bar.clone());
        let begin = Instant::now();
        while begin.elapsed() < duration {
            bar.set_position(begin.elapsed().as_millis() as u64);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    task.abort_handle()
}

/// Takes a bar away, also where its task is aborted.
struct Clear(ProgressBar);

impl Drop for Clear {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
