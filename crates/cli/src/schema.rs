use std::io::Write;

use hat_event_common::{SBS_SCHEMAS, json_schema_repo};

use crate::failure::{Exit, Failure};
use crate::output::Output;

const HELP: &str = "\
Examples:
  hat-event schema
  hat-event schema HatEventer
  hat-event schema hat-event://server.yaml

Exit codes:
  0  done
  2  there is no such schema";

/// Prints the schemas that are built in.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// SBS modules and ids of JSON schemas; without any, their names are printed.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    if args.names.is_empty() {
        for name in known() {
            writeln!(out, "{name}")?;
        }
    }
    for name in &args.names {
        let text = text(name).ok_or_else(|| {
            let known = known().collect::<Vec<_>>().join(", ");
            Failure::Input(format!("there is no schema {name}; known are {known}"))
        })?;
        writeln!(out, "{}", text.trim_end())?;
    }
    Ok(Exit::Done)
}

fn modules() -> impl Iterator<Item = (&'static str, &'static str)> {
    SBS_SCHEMAS.into_iter().chain([("HatChatter", hat_event_chatter::SCHEMA)])
}

fn known() -> impl Iterator<Item = &'static str> {
    modules().map(|(name, _)| name).chain(json_schema_repo().ids())
}

fn text(name: &str) -> Option<String> {
    let module = modules().find(|(module, _)| *module == name).map(|(_, text)| text.to_owned());
    module.or_else(|| json_schema_repo().get(name).map(|schema| format!("{schema:#}")))
}
