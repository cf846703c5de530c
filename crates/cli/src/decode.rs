use std::path::PathBuf;

use hat_event_common::json_text;

use crate::failure::{Exit, Failure};
use crate::hex;
use crate::output::Output;
use crate::value_type::ValueType;

const HELP: &str = "\
Examples:
  echo '82 83 61 c3 bc 80' | hat-event decode --type 'HatEventer.EventType'
  hat-event decode --type Integer <<< 00c0
  hat-event decode --raw --schema house.sbs --type House.Door door.bin
  hat-event decode --list

Exit codes:
  0  done
  2  the bytes are not of that type, or there is no such type";

/// Prints an SBS value as JSON.
///
/// Bytes are written as {"$hex": "00ff"}, choices as {"$choice": ["name", value]}, and optional values as the choice of
/// none and value. What this prints, encode reads.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    value_type: ValueType,

    /// The bytes of the value as hexadecimal digits; white space does not matter; - is standard input.
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    file: PathBuf,

    /// Take the bytes as they are.
    #[arg(long)]
    raw: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    args.value_type.convert(&args.file, out, |repository, name, input| {
        let bytes = if args.raw { input } else { hex::decode(&input)? };
        let data = repository.decode(name, bytes.into())?;
        Ok(format!("{}\n", json_text(&data)?).into())
    })
}
