mod describe;
mod filter;
mod json;
mod printer;
mod progress;
mod text;

use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use hat_event_chatter::FrameSplitter;
use hat_event_common::QueryType;
use printer::Printer;
use progress::Progress;

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::{input, repository};

const HELP: &str = "\
Examples:
  hat-event inspect s2c.bin
  hat-event inspect --match 'house/*' --match '?/door' s2c.bin
  hat-event inspect --json s2c.bin | jq 'select(.type == \"HatEventer.MsgQueryRes\")'
  cat part-1.bin part-2.bin | hat-event inspect -

Exit codes:
  0  all was read, and something printed if --match is given
  1  no event matched
  2  a file could not be read to its end, or has something in it that is no message";

/// How many bytes are read at once.
const PIECE: usize = 64 << 10;

/// Prints the messages in what was received on a connection.
///
/// A file holds the bytes of one direction, as they came. In front of each message stands where it begins, in bytes. Times
/// are in UTC. Of binary payloads the text shows the first bytes and of tokens nothing; --json has all.
///
/// If a stream is damaged, what was whole is printed, and then an error with the place.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Recorded bytes; - is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Print only events that match, in messages that have any; * at the end stands for any segments, ? for one.
    #[arg(short = 'm', long = "match", value_name = "QUERY_TYPE")]
    query_types: Vec<QueryType>,

    /// Print a JSON object a line for each message.
    #[arg(long)]
    json: bool,

    /// Schema (.sbs) of further message types.
    #[arg(long, value_name = "FILE")]
    schema: Vec<PathBuf>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let matching = (!args.query_types.is_empty()).then(|| args.query_types.iter().cloned().collect());
    let mut printer = Printer::new(repository::repository(&args.schema)?, matching, args.json);
    let several = args.files.len() > 1;
    let mut failed = false;
    for (i, path) in args.files.iter().enumerate() {
        if several {
            printer.begin_file(path, i == 0, out)?;
        }
        match inspect(path, &mut printer, out) {
            Ok(sound) => failed |= !sound,
            Err(Failure::Input(what)) => {
                out.complain(&what);
                failed = true;
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(if failed {
        Exit::Failed
    } else if printer.printed == 0 && !args.query_types.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}

/// Prints the messages of a file. Returns whether all are of their types.
fn inspect(path: &Path, printer: &mut Printer, out: &mut Output) -> Result<bool, Failure> {
    let mut input = input::open(path)?;
    let mut progress = Progress::new(path, out);
    let mut splitter = FrameSplitter::new();
    let mut piece = vec![0; PIECE];
    let mut sound = true;
    loop {
        let len = match input.read(&mut piece) {
            Ok(0) => break,
            Ok(len) => len,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(Failure::input(path, error)),
        };
        splitter.feed(piece.get(..len).unwrap_or_default());
        while let Some(frame) = splitter.next_frame().map_err(|error| Failure::input(path, error))? {
            let msg = frame.decode().map_err(|error| Failure::input(path, error))?;
            if let Some(fault) = printer.message(&frame, &msg, out)? {
                progress.hidden(|| out.complain(&Failure::input(path, fault).to_string()));
                sound = false;
            }
        }
        // What comes slowly is seen as it comes.
        out.flush()?;
        progress.advance(len);
    }
    splitter.finish().map_err(|error| Failure::input(path, error))?;
    Ok(sound)
}
