//! `hat-event`, the program: serves events, and looks into the bytes, types and configurations of Hat events.
//!
//! Each command is a module: its arguments, as `--help` shows them, and what it does.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod bench;
mod check_conf;
mod completions;
mod decode;
mod document;
mod encode;
mod events;
mod failure;
mod hex;
mod input;
mod inspect;
mod matching;
mod network;
mod output;
mod query;
mod register;
mod repository;
mod schema;
mod serve;
mod subscribe;
mod validate;
mod value_type;

use std::process::ExitCode;

use clap::{ColorChoice, Parser, Subcommand};
use failure::{Exit, Failure};
use output::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  nothing matched, or something is not valid
  2  wrong usage, input that could not be read, or no connection";

/// Serves Hat events, and looks into their bytes, types and configurations.
#[derive(Debug, Parser)]
#[command(name = "hat-event", version, after_help = EXIT_CODES)]
struct Cli {
    /// When to colour the output; never if the variable NO_COLOR is set.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Args),
    Subscribe(subscribe::Args),
    Register(register::Args),
    Query(query::Args),
    Bench(bench::Args),
    Inspect(inspect::Args),
    Decode(decode::Args),
    Encode(encode::Args),
    Match(matching::Args),
    Validate(validate::Args),
    CheckConf(check_conf::Args),
    Schema(schema::Args),
    Completions(completions::Args),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut out = Output::new(cli.color);
    let exit = match cli.command {
        Command::Serve(args) => serve::run(&args, &mut out),
        Command::Subscribe(args) => subscribe::run(&args, &mut out),
        Command::Register(args) => register::run(&args, &mut out),
        Command::Query(args) => query::run(&args, &mut out),
        Command::Bench(args) => bench::run(&args, &mut out),
        Command::Inspect(args) => inspect::run(&args, &mut out),
        Command::Decode(args) => decode::run(&args, &mut out),
        Command::Encode(args) => encode::run(&args, &mut out),
        Command::Match(args) => matching::run(&args, &mut out),
        Command::CheckConf(args) => check_conf::run(&args, &mut out),
        Command::Validate(args) => validate::run(&args, &mut out),
        Command::Schema(args) => schema::run(&args, &mut out),
        Command::Completions(args) => completions::run(&args, &mut out),
    };
    match exit.and_then(|exit| out.finish().map(|()| exit)) {
        Ok(exit) => exit.into(),
        // Who reads the output has seen enough, as `head` has.
        Err(Failure::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => {
            out.complain(&failure.to_string());
            Exit::Failed.into()
        }
    }
}
