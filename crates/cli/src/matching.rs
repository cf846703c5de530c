use std::io::{BufRead, Write};

use hat_event_common::{EventType, QueryType, Subscription};

use crate::failure::{Exit, Failure};
use crate::output::{Output, escape};

const HELP: &str = "\
Examples:
  hat-event match 'house/*' '?/door' < types.txt
  hat-event match --invert --count 'house/*' < types.txt

Exit codes:
  0  some line was selected
  1  none was
  2  a line is not UTF-8";

/// Prints the event types that match, of those on standard input.
///
/// Input has an event type a line, its segments joined by /. In a query type, ? stands for any one segment and * at the end
/// for any number of them.
#[derive(Debug, clap::Args)]
#[command(name = "match", after_help = HELP)]
pub(crate) struct Args {
    /// Query types, of which one has to match.
    #[arg(value_name = "QUERY_TYPE", required = true)]
    query_types: Vec<QueryType>,

    /// Select the event types that do not match.
    #[arg(short = 'v', long)]
    invert: bool,

    /// Print only how many were selected.
    #[arg(short, long)]
    count: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let subscription: Subscription = args.query_types.iter().cloned().collect();
    let fail = |line: u64, what: &dyn std::fmt::Display| Failure::Input(format!("standard input: line {line}: {what}"));
    let escaped = out.is_terminal();
    let mut selected = 0u64;
    for (number, line) in (1..).zip(std::io::stdin().lock().lines()) {
        let line = line.map_err(|error| fail(number, &error))?;
        let Ok(event_type) = line.parse::<EventType>();
        if subscription.matches(&event_type) != args.invert {
            selected += 1;
            if !args.count {
                let line = if escaped { escape(&line) } else { line };
                writeln!(out, "{line}")?;
            }
        }
    }
    if args.count {
        writeln!(out, "{selected}")?;
    }
    Ok(if selected > 0 { Exit::Done } else { Exit::No })
}
