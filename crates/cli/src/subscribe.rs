use std::io::Write;

use hat_event_common::{EventType, QueryType, ServerId};
use hat_event_eventer::ClientOptions;

use crate::events::print_events;
use crate::failure::{Exit, Failure};
use crate::network::{ServerArgs, interrupted, runtime};
use crate::output::Output;

const HELP: &str = "\
Examples:
  hat-event subscribe
  hat-event subscribe 'house/*' '?/door'
  hat-event subscribe --json --count 10 'house/*' | jq .payload

Exit codes:
  0  it was interrupted, or --count events were printed
  2  there is no connection, or not any more";

/// Prints events as they are registered.
///
/// In a query type, ? stands for any one segment and * at the end for any number of them. It goes on until it is
/// interrupted.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Which events, by their types.
    #[arg(value_name = "QUERY_TYPE", default_value = "*")]
    query_types: Vec<QueryType>,

    /// Only events that this server registered.
    #[arg(long, value_name = "ID")]
    server_id: Option<ServerId>,

    /// Events once they are persisted, instead of when they are registered.
    #[arg(long)]
    persisted: bool,

    /// Print a JSON object a line for each event.
    #[arg(long)]
    json: bool,

    /// End after so many events.
    #[arg(long, value_name = "N")]
    count: Option<usize>,

    #[command(flatten)]
    server: ServerArgs,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    runtime()?.block_on(subscribe(args, out))
}

async fn subscribe(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    // Heard from the beginning, and while events are printed.
    tokio::select! {
        biased;
        () = interrupted() => Ok(Exit::Done),
        exit = print(args, out) => exit,
    }
}

async fn print(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let query_types = args.query_types.iter().map(|query_type| EventType::clone(query_type.as_event_type()));
    let options = ClientOptions {
        server_id: args.server_id,
        persisted: args.persisted,
        ..args.server.options().subscribe(query_types)
    };
    let (client, mut events) = args.server.connect(options).await?;
    let mut left = args.count.unwrap_or(usize::MAX);
    while left > 0 {
        let Some(mut notified) = events.next().await else {
            let reason = client.closed().await;
            return Err(Failure::Input(format!("server {}: connection ended: {reason}", args.server.address())));
        };
        notified.truncate(left);
        left -= notified.len();
        print_events(out, &notified, args.json)?;
        out.flush()?;
    }
    client.async_close().await;
    Ok(Exit::Done)
}
