//! Disturbs the real program from outside: `cargo xtask faults --help`.

#![expect(clippy::print_stdout, reason = "it tells what it measured")]

mod churn;
mod file;
mod good;
mod half_open;
mod history;
mod kill;
mod malformed;
mod memory;
mod place;
mod raw;
mod reopen;
mod server;
mod slow;
mod soak;
mod stop;
mod sync;
mod trace;
mod writers;

use std::pin::Pin;
use std::process::ExitCode;

/// What a fault returns: the line of what was measured, or what is wrong.
type Result<T = String> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// How much of a fault is tried.
#[derive(Clone, Copy)]
struct Extent {
    /// Less than otherwise.
    short: bool,
    /// So many rounds, instead of as many as usual.
    rounds: Option<u64>,
}

type Fault = (&'static str, fn(Extent) -> Pin<Box<dyn Future<Output = Result>>>);

const FAULTS: &[Fault] = &[
    ("slow", |extent| Box::pin(slow::run(extent.short))),
    ("half-open", |extent| Box::pin(half_open::run(extent.short))),
    ("malformed", |extent| Box::pin(malformed::run(extent.short))),
    ("memory", |_| Box::pin(memory::run())),
    ("churn", |extent| Box::pin(churn::run(extent.short))),
    ("kill", |extent| Box::pin(kill::run(extent))),
    ("sync", |extent| Box::pin(sync::run(extent))),
    ("stop", |extent| Box::pin(stop::run(extent))),
    ("soak", |extent| Box::pin(soak::run(extent))),
];

fn main() -> ExitCode {
    // The program stops itself in another process.
    if let Some(arguments) = slow::stopped_arguments() {
        return slow::be_stopped(&arguments);
    }
    match run(std::env::args().skip(1).collect()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(mut names: Vec<String>) -> Result<()> {
    let given = names.len();
    names.retain(|name| name != "--short");
    let short = names.len() < given;
    let rounds = names.iter().position(|name| name.parse::<u64>().is_ok()).map(|at| names.remove(at));
    let extent = Extent { short, rounds: rounds.map(|rounds| rounds.parse()).transpose()? };
    if let Some(name) = names.iter().find(|name| FAULTS.iter().all(|(fault, _)| fault != name)) {
        return Err(format!("there is no fault {name}; --help names them").into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut failed = Vec::new();
    for (name, fault) in FAULTS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|one| one == name)) {
        match runtime.block_on(fault(extent)) {
            Ok(line) => println!("{name:<10} {line}"),
            Err(error) => {
                println!("{name:<10} FAILED: {error}");
                failed.push(*name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}
