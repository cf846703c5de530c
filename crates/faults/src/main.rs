//! Disturbs the real program from outside: `cargo xtask faults --help`.

#![expect(clippy::print_stdout, reason = "it tells what it measured")]

mod churn;
mod good;
mod half_open;
mod malformed;
mod memory;
mod raw;
mod server;
mod slow;

use std::pin::Pin;
use std::process::ExitCode;

/// What a fault returns: the line of what was measured, or what is wrong.
type Result<T = String> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

type Fault = (&'static str, fn(bool) -> Pin<Box<dyn Future<Output = Result>>>);

const FAULTS: &[Fault] = &[
    ("slow", |short| Box::pin(slow::run(short))),
    ("half-open", |short| Box::pin(half_open::run(short))),
    ("malformed", |short| Box::pin(malformed::run(short))),
    ("memory", |_| Box::pin(memory::run())),
    ("churn", |short| Box::pin(churn::run(short))),
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
    if let Some(name) = names.iter().find(|name| FAULTS.iter().all(|(fault, _)| fault != name)) {
        return Err(format!("there is no fault {name}; --help names them").into());
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut failed = Vec::new();
    for (name, fault) in FAULTS.iter().filter(|(name, _)| names.is_empty() || names.iter().any(|one| one == name)) {
        match runtime.block_on(fault(short)) {
            Ok(line) => println!("{name:<10} {line}"),
            Err(error) => {
                println!("{name:<10} FAILED: {error}");
                failed.push(*name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}
