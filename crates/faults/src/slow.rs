//! A subscriber that is stopped, among others that must not notice.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hat_event_chatter::Address;
use hat_event_common::{EventId, EventPayload, EventType, RegisterEvent, ServerId};
use hat_event_eventer::{Client, ClientOptions, Events, ReconnectOptions, ReconnectingClient};
use tokio::task::JoinSet;

use crate::Result;
use crate::server::{Server, wait};

const SUBSCRIBERS: usize = 50;
const WRITERS: usize = 4;

/// Writers register so often, each a batch of so many events: enough to fill the queue of one who does not read.
const PERIOD: Duration = Duration::from_millis(4);
const BATCH: usize = 10;

/// No healthy subscriber may wait longer for the next events.
const MAX_GAP: Duration = Duration::from_millis(100);

/// p99 may grow by a tenth. Below this it is the machine's: two runs without a stopped subscriber differ by as much.
const NOISE: Duration = Duration::from_millis(2);

pub(crate) async fn run(short: bool) -> Result {
    let phase = Duration::from_secs(if short { 4 } else { 20 });
    let mut server = Server::start(&["--log-level", "debug"])?;
    let mut subscriber = Stopped::start(&server.address)?;
    // The pairs of phases take turns, so that what else the machine does hits both.
    let before = measure(&server.address, phase).await?;
    subscriber.signal("STOP")?;
    let during = measure(&server.address, phase).await?;
    // Cut off while it is stopped: 16 MiB, or 10 s without taking anything.
    if !wait(Duration::from_secs(30), || Ok(!server.logged("client cut off").is_empty())).await? {
        return Err("the stopped subscriber is not cut off".into());
    }
    let after = measure(&server.address, phase).await?;
    subscriber.signal("CONT")?;
    server.check()?;

    let all = registered(&server.address).await?;
    let got = subscriber.take(&all)?;
    let without = before.p99.max(after.p99);
    if during.p99 > without.mul_f64(1.1) + NOISE {
        return Err(
            format!("writers' p99 is {:?} with a stopped subscriber and {without:?} without", during.p99).into()
        );
    }
    // What the machine itself holds up shows in the phases without a stopped subscriber too.
    let allowed = MAX_GAP.max(before.gap.max(after.gap).mul_f64(1.5));
    if during.gap > allowed {
        return Err(format!("a healthy subscriber waited {:?}, {allowed:?} is allowed", during.gap).into());
    }
    Ok(format!(
        "p99 {:?} with and {without:?} without a stopped subscriber, longest gap {:?}; it was cut off and then had all {got} events",
        during.p99, during.gap
    ))
}

/// What writers and healthy subscribers saw.
struct Phase {
    p99: Duration,
    gap: Duration,
}

/// Has writers write for some time, and subscribers listen.
async fn measure(address: &Address, duration: Duration) -> Result<Phase> {
    let stop = Arc::new(AtomicBool::new(false));
    let mut subscribers = JoinSet::new();
    let mut clients = Vec::new();
    for _ in 0..SUBSCRIBERS {
        let options = ClientOptions::new("healthy").subscribe([EventType::from(["slow", "*"])]);
        let (client, events) = Client::connect(address, options).await?;
        clients.push(client);
        subscribers.spawn(longest_gap(events, Arc::clone(&stop)));
    }
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let (client, _) = Client::connect(address, ClientOptions::new("writer")).await?;
        writers.spawn(write(client, Instant::now() + duration));
    }
    let mut times = Vec::new();
    while let Some(written) = writers.join_next().await {
        times.extend(written??);
    }
    stop.store(true, Ordering::Relaxed);
    for client in clients {
        client.async_close().await;
    }
    let mut gap = Duration::ZERO;
    while let Some(longest) = subscribers.join_next().await {
        gap = gap.max(longest?);
    }
    times.sort_unstable();
    let p99 = times.get(times.len() * 99 / 100).copied().ok_or("nothing was written")?;
    Ok(Phase { p99, gap })
}

/// How long each registration took.
async fn write(client: Client, end: Instant) -> Result<Vec<Duration>> {
    let payload = EventPayload::json(&"x".repeat(1000))?;
    let event = RegisterEvent { event_type: ["slow", "event"].into(), source_timestamp: None, payload: Some(payload) };
    let events = vec![event; BATCH];
    let mut times = Vec::new();
    while Instant::now() < end {
        let begin = Instant::now();
        client.register_with_response(&events).await?;
        times.push(begin.elapsed());
        tokio::time::sleep(PERIOD.saturating_sub(begin.elapsed())).await;
    }
    Ok(times)
}

/// The longest time between notifications, from the first to the last while writers write.
async fn longest_gap(mut events: Events, stop: Arc<AtomicBool>) -> Duration {
    let mut last = None;
    let mut longest = Duration::ZERO;
    while events.next().await.is_some() && !stop.load(Ordering::Relaxed) {
        let now = Instant::now();
        longest = longest.max(last.map_or(Duration::ZERO, |last| now - last));
        last = Some(now);
    }
    longest
}

/// The ids of all events of the writers that the server has.
async fn registered(address: &Address) -> Result<Vec<EventId>> {
    let (client, _) = Client::connect(address, ClientOptions::new("reader")).await?;
    let params = hat_event_common::QueryServerParams {
        max_results: Some(1000),
        ..hat_event_common::QueryServerParams::new(ServerId::from(1))
    };
    let events = client.query_all(params).collect().await?;
    // The server itself registers who comes and goes.
    let written = events.iter().filter(|event| event.event_type.segment(0) == Some("slow"));
    Ok(written.map(|event| event.id).collect())
}

/// A subscriber in a process of its own, which prints the ids of the events that it has.
struct Stopped {
    child: Child,
    lines: std::sync::mpsc::Receiver<String>,
}

const MODE: &str = "--subscriber";

impl Stopped {
    fn start(address: &Address) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut child = command.args([MODE, &address.to_string()]).stdout(Stdio::piped()).spawn()?;
        let stdout = child.stdout.take().ok_or("a started process has no output")?;
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(std::result::Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let stopped = Self { child, lines };
        let first =
            stopped.lines.recv_timeout(Duration::from_secs(30)).map_err(|_| "the subscriber does not connect")?;
        if first == "connected" { Ok(stopped) } else { Err(format!("the subscriber says {first:?}").into()) }
    }

    fn signal(&self, signal: &str) -> Result<()> {
        let status = Command::new("kill").args([&format!("-{signal}"), &self.child.id().to_string()]).status()?;
        if status.success() { Ok(()) } else { Err(format!("the subscriber cannot be sent {signal}").into()) }
    }

    /// Takes as many ids as there are events, and checks that they are those, in order.
    fn take(&mut self, all: &[EventId]) -> Result<usize> {
        for (index, expected) in all.iter().enumerate() {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            let line = line.map_err(|_| format!("the subscriber has {index} of {} events", all.len()))?;
            if line != expected.to_string() {
                return Err(format!("event {index} of the subscriber is {line} and not {expected}").into());
            }
        }
        match self.lines.recv_timeout(Duration::from_secs(1)) {
            Ok(line) => Err(format!("the subscriber has {line} beyond all events").into()),
            Err(_) => Ok(all.len()),
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        // One that has ended by itself was noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where to subscribe, if this process is the subscriber that is going to be stopped.
pub(crate) fn stopped_arguments() -> Option<String> {
    let mut arguments = std::env::args().skip(1);
    arguments.next().filter(|mode| mode == MODE).and_then(|_| arguments.next())
}

/// Prints the id of each event, over as many connections as it takes.
pub(crate) fn be_stopped(address: &str) -> ExitCode {
    let subscribe = async {
        let options = ClientOptions { server_id: Some(ServerId::from(1)), ..ClientOptions::new("stopped") };
        let options = options.subscribe([EventType::from(["slow", "*"])]);
        let reconnect = ReconnectOptions { last_event_id: Some(EventId::new(1, 0, 0)?), ..ReconnectOptions::default() };
        let (client, mut events) = ReconnectingClient::new(address.parse()?, options, reconnect);
        client.connected().await.ok_or("not connected")?;
        let mut out = std::io::stdout();
        writeln!(out, "connected")?;
        while let Some(events) = events.next().await {
            for event in events {
                writeln!(out, "{}", event.id)?;
            }
        }
        Result::<()>::Ok(())
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime.map(|runtime| runtime.block_on(subscribe)) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
        Err(_) => ExitCode::FAILURE,
    }
}
