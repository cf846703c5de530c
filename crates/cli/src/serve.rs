use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hat_event_chatter::{Address, Config};
use hat_event_common::{Resource, ServerId};
use hat_event_server::EventServer;
use hat_event_server::conf::{self, Document, Folders, Plugins, ServerConf, Source};
use hat_event_server::log::{LogConf, LogError, Logging};
use serde_json::json;
use tracing::level_filters::LevelFilter;

use crate::failure::{Exit, Failure};
use crate::network::runtime;
use crate::output::Output;

const HELP: &str = "\
Examples:
  hat-event serve
  hat-event serve --conf event.yaml
  hat-event serve --memory --host 0.0.0.0 --port 23013 --server-id 7
  hat-event serve --unix /run/hat/event.sock

It ends when it is interrupted or terminated, after all that is registered was written and all that waits was sent;
at once when that happens twice.

Exit codes:
  0  it was told to end
  1  the configuration is wrong; check-conf tells more about it
  2  it could not start, or had to stop";

/// Serves events to Hat components.
///
/// Without --conf, the configuration is event.yaml, event.yml, event.toml or event.json in $XDG_CONFIG_HOME/hat, or ~/.config/hat.
/// Without any of them, all events are kept in an LMDB file, $XDG_DATA_HOME/hat/event.db or ~/.local/share/hat/event.db, and
/// acknowledged when they are on disk.
///
/// The other options are stronger than the configuration. Addresses are printed once it listens; log lines go to standard
/// error.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The configuration, as hat-event://server.yaml; - is JSON on standard input.
    #[arg(long, value_name = "PATH")]
    conf: Option<PathBuf>,

    /// Keep events in memory alone, without any configuration.
    #[arg(long, conflicts_with = "conf")]
    memory: bool,

    /// Name or number of the host to listen on.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,

    /// TCP port to listen on; 0 for one that is free.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,

    /// Listen on a Unix socket too.
    #[arg(long, value_name = "PATH")]
    unix: Option<PathBuf>,

    /// The id of this server in the ids of events.
    #[arg(long, value_name = "ID")]
    server_id: Option<ServerId>,

    /// How many clients may be connected at a time.
    #[arg(long, value_name = "N")]
    max_connections: Option<usize>,

    /// How many seconds a client may be silent before a ping asks whether it is there.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = seconds)]
    ping_delay: f64,

    /// How many seconds after a ping a client may stay silent before its connection is closed.
    #[arg(long, value_name = "SECONDS", default_value_t = 20.0, value_parser = seconds)]
    ping_timeout: f64,

    /// What is logged to standard error, whatever is configured: off, error, warn, info, debug or trace; without log
    /// configuration info.
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<LevelFilter>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let Some(conf) = configuration(args, out)? else { return Ok(Exit::No) };
    let logging = Arc::new(logging(args, &conf)?);
    // Each client takes an open file, and some are for the rest.
    let files = conf.limits.connections as u64 + 100;
    if rlimit::increase_nofile_limit(files).unwrap_or(0) < files {
        tracing::warn!("too few open files are allowed for {} clients: see ulimit -n", conf.limits.connections);
    }
    let exit = runtime()?.block_on(serve(args, conf, &logging, out));
    // What waits is written.
    drop(logging);
    exit
}

/// The configuration with what the other options say; `None` if it is wrong, which is told.
fn configuration(args: &Args, out: &mut Output) -> Result<Option<ServerConf>, Failure> {
    let input = |error: conf::ReadError| Failure::Input(error.to_string());
    let folders = Folders::of_user();
    let document = if args.memory {
        let mut default = conf::embedded_default(&folders.data).map_err(input)?;
        if let Some(backend) = default.get_mut("backend") {
            *backend = json!({"module": "hat.event.backends.memory"});
        }
        (Document::from(default), None)
    } else {
        let source = conf::find(args.conf.as_deref(), &folders).map_err(input)?;
        (source.read(None).map_err(input)?, Some(source))
    };
    let (document, source) = document;
    let name = source.as_ref().map_or_else(|| "embedded default".to_owned(), Source::to_string);
    let plugins = Plugins::default();
    let mut conf = match ServerConf::check(&document, &plugins.backends, &plugins.modules) {
        Ok((conf, warnings)) => {
            warnings.iter().for_each(|warning| out.complain(&format!("{name}: {warning}")));
            conf
        }
        Err(found) => {
            found.errors.iter().for_each(|error| out.complain(&format!("{name}: {error}")));
            // Often the reason: a key that is misspelt.
            found.warnings.iter().for_each(|warning| out.complain(&format!("{name}: {warning}")));
            return Ok(None);
        }
    };
    if let Some(source) = source {
        source.prepare().map_err(|error| Failure::Input(format!("{}: {error}", folders.data.display())))?;
    }
    if let Some(host) = &args.host {
        conf.eventer_server.host.clone_from(host);
    }
    conf.eventer_server.port = args.port.unwrap_or(conf.eventer_server.port);
    conf.server_id = args.server_id.unwrap_or(conf.server_id);
    conf.limits.connections = args.max_connections.unwrap_or(conf.limits.connections);
    Ok(Some(conf))
}

/// Begins to log as configured, or as the option says.
fn logging(args: &Args, conf: &ServerConf) -> Result<Logging, Failure> {
    let failed = |error: LogError| Failure::Input(error.to_string());
    let (conf, warnings) = match (&conf.log, args.log_level) {
        (Some(log), None) => LogConf::from_value(log).map_err(failed)?,
        (_, level) => (LogConf::plain(level.unwrap_or(LevelFilter::INFO)), Vec::new()),
    };
    let logging = Logging::start(conf).map_err(failed)?;
    logging.install().map_err(failed)?;
    warnings.iter().for_each(|warning| tracing::warn!("{warning}"));
    Ok(logging)
}

async fn serve(args: &Args, conf: ServerConf, logging: &Arc<Logging>, out: &mut Output) -> Result<Exit, Failure> {
    let connection = Config {
        ping_delay: Some(Duration::from_secs_f64(args.ping_delay)),
        ping_timeout: Duration::from_secs_f64(args.ping_timeout),
        ..Config::default()
    };
    let mut builder = EventServer::builder().connection(connection).logging(Arc::clone(logging));
    if let Some(path) = &args.unix {
        builder = builder.also_listen(Address::Unix(path.clone()));
    }
    let mut stop = StopSignals::new()?;
    let server = tokio::select! {
        server = builder.start_checked(conf) => server.map_err(|error| Failure::Input(error.to_string()))?,
        () = stop.next() => return Ok(Exit::Done),
    };
    for address in server.addresses() {
        writeln!(out, "listening on {address}")?;
    }
    for address in server.adminer_addresses() {
        writeln!(out, "adminer listening on {address}")?;
    }
    out.flush()?;
    tokio::select! {
        () = stop.next() => tracing::info!("stopping"),
        () = server.wait_closing() => {}
    }
    tokio::select! {
        () = server.async_close() => {}
        () = stop.next() => return Err(Failure::Input("it was told to end twice, and did not wait any longer".to_owned())),
    }
    match server.failure() {
        Some(reason) => Err(Failure::Input(format!("the server had to stop: {reason}"))),
        None => Ok(Exit::Done),
    }
}

/// A time that can be waited for: from a millisecond to a day.
fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    if (0.001..=86_400.0).contains(&seconds) { Ok(seconds) } else { Err("it is not within 0.001 and 86400".to_owned()) }
}

/// Waits until the program is asked to end, each time.
#[cfg(unix)]
struct StopSignals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl StopSignals {
    fn new() -> Result<Self, Failure> {
        use tokio::signal::unix::{SignalKind, signal};

        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits until the program is asked to end, each time.
#[cfg(not(unix))]
struct StopSignals;

#[cfg(not(unix))]
impl StopSignals {
    fn new() -> Result<Self, Failure> {
        Ok(Self)
    }

    async fn next(&mut self) {
        // Without it, the program can only be killed.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
