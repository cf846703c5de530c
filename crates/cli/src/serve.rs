mod memory;

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::time::Duration;

use hat_event_chatter::{Address, Config, ListenConfig};
use hat_event_common::{ServerId, Status};
use hat_event_eventer::{Server, ServerConfig};
use memory::MemoryHandler;
use tracing::level_filters::LevelFilter;

use crate::failure::{Exit, Failure};
use crate::network::{DEFAULT_HOST, DEFAULT_PORT, runtime};
use crate::output::Output;

const HELP: &str = "\
Examples:
  hat-event serve --memory
  hat-event serve --memory --host 0.0.0.0 --port 23013 --server-id 7
  hat-event serve --memory --unix /run/hat/event.sock

It ends when it is interrupted or terminated, after all that waits was sent.

Exit codes:
  0  it was told to end
  2  it could not listen";

/// Serves events to Hat components.
///
/// Every registration is a session of its own: its events get one timestamp and the next session id. All events are kept in
/// memory, for as long as the server runs, and count as persisted at once. Any client is let in.
///
/// The address is printed once it listens; log lines go to standard error.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Keep events in memory; there is no other place yet.
    #[arg(long, required = true)]
    memory: bool,

    /// Name or number of the host to listen on.
    #[arg(long, value_name = "HOST", default_value = DEFAULT_HOST)]
    host: String,

    /// TCP port to listen on; 0 for one that is free.
    #[arg(long, value_name = "PORT", default_value_t = DEFAULT_PORT)]
    port: u16,

    /// Listen on a Unix socket too.
    #[arg(long, value_name = "PATH")]
    unix: Option<std::path::PathBuf>,

    /// The id of this server in the ids of events.
    #[arg(long, value_name = "ID", default_value = "1")]
    server_id: ServerId,

    /// How many clients may be connected at a time.
    #[arg(long, value_name = "N", default_value_t = ListenConfig::default().max_connections)]
    max_connections: usize,

    /// How many seconds a client may be silent before a ping asks whether it is there.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = seconds)]
    ping_delay: f64,

    /// How many seconds after a ping a client may stay silent before its connection is closed.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = seconds)]
    ping_timeout: f64,

    /// What is logged: off, error, warn, info, debug or trace.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log_level: LevelFilter,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal());
    log.with_max_level(args.log_level).init();
    // Each client takes an open file, and some are for the rest.
    let files = args.max_connections as u64 + 100;
    if rlimit::increase_nofile_limit(files).unwrap_or(0) < files {
        tracing::warn!("too few open files are allowed for {} clients: see ulimit -n", args.max_connections);
    }
    runtime()?.block_on(serve(args, out))
}

async fn serve(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let mut addresses = vec![Address::tcp(&*args.host, args.port)];
    addresses.extend(args.unix.clone().map(Address::Unix));
    let handler = Arc::new(MemoryHandler::new(args.server_id));
    let config = ServerConfig { status: Status::Operational, ..ServerConfig::default() };
    let server = Server::new(Arc::clone(&handler) as _, config);
    handler.notify(server.clone());
    let connection = Config {
        ping_delay: Some(Duration::from_secs_f64(args.ping_delay)),
        ping_timeout: Duration::from_secs_f64(args.ping_timeout),
        ..Config::default()
    };
    let listen = ListenConfig { connection, max_connections: args.max_connections, tls: None };
    let stop = stop_signal()?;
    let listener = server.listen(&addresses, listen).await.map_err(|error| Failure::Input(error.to_string()))?;
    for address in listener.addresses() {
        writeln!(out, "listening on {address}")?;
    }
    out.flush()?;
    stop.await;
    tracing::info!("stopping");
    listener.async_close().await;
    Ok(Exit::Done)
}

/// A time that can be waited for: from a millisecond to a day.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if (0.001..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("it is not within 0.001 and 86400".to_owned()) }
}

/// Ends when the program is asked to.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when the program is asked to.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async {
        // Without it, the program can only be killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
