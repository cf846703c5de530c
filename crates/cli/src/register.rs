mod stream;

use std::path::{Path, PathBuf};

use hat_event_common::{EventPayload, EventPayloadJson, EventType, RegisterEvent, Timestamp};
use hat_event_eventer::RequestError;

use crate::events::print_events;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::network::{ServerArgs, ordered_runtime, runtime, timestamp};
use crate::output::Output;

const HELP: &str = "\
Examples:
  hat-event register house/door --json '\"open\"'
  hat-event register house/kitchen/light --source-timestamp now --json '{\"on\": true}'
  hat-event register house/camera --binary image/png picture.png
  hat-event register --stream events.jsonl --batch 100

A line of a stream is an object: {\"type\": [\"house\", \"door\"], \"payload\": {\"data_type\": \"json\", \"data\": \"open\"}},
and \"source_timestamp\": {\"s\": 1700000000, \"us\": 0} if there is one. Lines as `subscribe --json` and `query --json` print them
will do: they are registered anew.

Exit codes:
  0  all was registered
  1  the server did not register it
  2  there is no connection, or input is wrong";

/// Registers events with a server.
///
/// One event is printed as it was registered. Of a stream, the number of events is told; if a line is wrong, those before it
/// are registered.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Type of the event, its segments joined by /.
    #[arg(value_name = "TYPE", required_unless_present = "stream")]
    event_type: Option<EventType>,

    /// JSON as payload.
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["binary", "file"])]
    json: Option<String>,

    /// The bytes of a file as payload, with a label; - is standard input.
    #[arg(long, num_args = 2, value_names = ["TYPE", "FILE"], conflicts_with = "file")]
    binary: Option<Vec<String>>,

    /// The JSON in a file as payload; - is standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,

    /// When it happened: `now` or seconds since 1970.
    #[arg(long, value_name = "TIMESTAMP", value_parser = timestamp, allow_negative_numbers = true)]
    source_timestamp: Option<Timestamp>,

    /// Register events from a file of JSON lines; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["event_type", "json", "binary", "file", "source_timestamp"])]
    stream: Option<PathBuf>,

    /// How many events of a stream are registered at once, in one session.
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    batch: u64,

    /// How many registrations of a stream may wait for their answers.
    #[arg(long, value_name = "N", default_value = "8", value_parser = clap::value_parser!(u64).range(1..=10_000))]
    window: u64,

    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    match (&args.stream, &args.event_type) {
        // Requests are sent in the order of their lines.
        (Some(path), _) => ordered_runtime()?.block_on(stream::run(path, args, out)),
        (None, Some(event_type)) => {
            let event = RegisterEvent {
                event_type: event_type.clone(),
                source_timestamp: args.source_timestamp,
                payload: payload(args)?,
            };
            runtime()?.block_on(register(event, args, out))
        }
        (None, None) => Err(Failure::Input("an event type or --stream is needed".to_owned())),
    }
}

async fn register(event: RegisterEvent, args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let (client, _events) = args.server.connect(args.server.options()).await?;
    let registered = client.register_with_response(&[event]).await;
    client.async_close().await;
    match registered {
        Ok(events) => {
            print_events(out, &events, false)?;
            Ok(Exit::Done)
        }
        Err(error @ RequestError::Failure) => {
            out.complain(&args.server.failure(&error).to_string());
            Ok(Exit::No)
        }
        Err(error) => Err(args.server.failure(&error)),
    }
}

fn payload(args: &Args) -> Result<Option<EventPayload>, Failure> {
    let json = |text: String, what: &dyn std::fmt::Display| {
        let payload = EventPayloadJson::from_text(text.trim());
        payload.map(EventPayload::Json).map_err(|error| Failure::Input(format!("{what}: {error}")))
    };
    if let Some(text) = &args.json {
        return json(text.clone(), &"--json").map(Some);
    }
    if let Some(path) = &args.file {
        let text = input::read_text(path)?;
        return json(text, &input::name(path)).map(Some);
    }
    let Some([binary_type, path]) = args.binary.as_deref() else { return Ok(None) };
    Ok(Some(EventPayload::binary(binary_type.as_str(), input::read(Path::new(path))?)))
}
