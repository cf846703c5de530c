use std::path::PathBuf;

use hat_event_common::Data;

use crate::failure::{Exit, Failure};
use crate::hex;
use crate::output::Output;
use crate::value_type::ValueType;

const HELP: &str = "\
Examples:
  echo '[\"house\", \"*\"]' | hat-event encode --type HatEventer.EventType
  hat-event encode --raw --schema house.sbs --type House.Door door.json > door.bin

Exit codes:
  0  done
  2  the JSON is not of that type, or there is no such type";

/// Prints the bytes of an SBS value, which is given as JSON.
///
/// The JSON has the form that decode prints.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    #[command(flatten)]
    value_type: ValueType,

    /// The value as JSON; - is standard input.
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    file: PathBuf,

    /// Write bytes as they are, and not hexadecimal digits.
    #[arg(long)]
    raw: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    args.value_type.convert(&args.file, out, |repository, name, input| {
        let data: Data = serde_json::from_slice(&input)?;
        let bytes = repository.encode(name, &data)?;
        Ok(if args.raw { bytes.into() } else { format!("{}\n", hex::encode(&bytes)).into() })
    })
}
