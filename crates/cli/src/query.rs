mod params;

use std::io::{IsTerminal, Write};

use hat_event_common::QueryParams;
use indicatif::ProgressBar;

use crate::events::print_events;
use crate::failure::{Exit, Failure};
use crate::network::{ServerArgs, runtime};
use crate::output::Output;
use params::Query;

const HELP: &str = "\
Examples:
  hat-event query latest --event-types 'house/*'
  hat-event query timeseries --event-types 'house/?/light' --t-from 1700000000 --max-results 10
  hat-event query timeseries --order ascending --all --json > history.jsonl
  hat-event query server 12 --persisted --last-event-id 12,5,1

Exit codes:
  0  events were found
  1  none were
  2  there is no connection, or no answer";

/// Asks a server for events.
///
/// A server may return fewer events than asked for; standard error says so when more follow, and --all asks until none do.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP, subcommand_required = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    query: Query,

    #[command(flatten)]
    common: Common,

    #[command(flatten)]
    server: ServerArgs,
}

/// What all queries have.
#[derive(Debug, clap::Args)]
struct Common {
    /// Ask again until no more events follow; --max-results is then how many are asked for at once.
    #[arg(long, global = true)]
    all: bool,

    /// Print a JSON object a line for each event.
    #[arg(long, global = true)]
    json: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    runtime()?.block_on(query(args.query.params(), &args.common, &args.server, out))
}

async fn query(
    params: QueryParams,
    Common { all, json }: &Common,
    server: &ServerArgs,
    out: &mut Output,
) -> Result<Exit, Failure> {
    let (client, _events) = server.connect(server.options()).await?;
    let mut found = 0;
    if *all {
        let visible = std::io::stderr().is_terminal() && !out.is_terminal();
        let progress = if visible { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        let mut pages = client.query_all(params);
        while let Some(events) = pages.next().await.map_err(|error| server.failure(&error))? {
            found += events.len();
            progress.set_message(format!("{found} events"));
            progress.tick();
            print_events(out, &events, *json)?;
        }
        progress.finish_and_clear();
    } else {
        let result = client.query(params).await.map_err(|error| server.failure(&error))?;
        found = result.events.len();
        print_events(out, &result.events, *json)?;
        if result.more_follows {
            out.flush()?;
            out.note("more events follow: --all has them");
        }
    }
    client.async_close().await;
    Ok(if found > 0 { Exit::Done } else { Exit::No })
}
