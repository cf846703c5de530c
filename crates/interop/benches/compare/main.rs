//! The Python reference, this project and its peers do the same work in turn; `cargo xtask compare` runs it.
//!
//! The workloads and the peers are those of the package of benchmarks. Before anything is measured, all contestants have
//! to give the same results. What the table is held against is in `bars`.
//!
//! A step measures what shares a workload. Each has a process of its own, so that it starts with memory in which nobody
//! has left holes, and what it measures while something is built has a further one for each time.

#![expect(clippy::print_stdout, reason = "the table is what is asked for")]

#[path = "../../../../benches/answering.rs"]
mod answering;
mod apart;
mod bars;
mod codec;
#[expect(dead_code, reason = "the benchmark of the codec compares results")]
#[path = "../../../../benches/codec_peers.rs"]
mod codec_peers;
mod collection;
mod contest;
#[path = "../../../../benches/decoded.rs"]
mod decoded;
mod engine;
#[path = "../../../../benches/events.rs"]
mod events;
#[path = "../../../../benches/peers/mod.rs"]
mod peers;
#[path = "../../../../benches/peers/port_subscription.rs"]
mod port_subscription;
#[path = "../../../../benches/random.rs"]
mod random;
mod reference;
mod server;
mod subscription;
mod table;
#[path = "../../../../benches/w1.rs"]
mod w1;
#[path = "../../../../benches/workloads.rs"]
mod workloads;

use std::error::Error;

use apart::{Apart, SMOKE};
use reference::Reference;
use server::Scale;
use table::{Row, Table};

/// A session of the reference with a thousand modules takes long.
const ENGINE_ROUNDS: usize = 7;

/// What every step returns.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Measures rows whose names begin with the given one.
type Run = dyn FnOnce(&str, &Reference) -> Result<Vec<Row>>;

/// One or more rows of the table that share a workload, and what measures them.
struct Step {
    name: String,
    run: Box<Run>,
}

impl Step {
    fn new(name: impl Into<String>, run: impl FnOnce(&str, &Reference) -> Result<Vec<Row>> + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

fn main() -> Result {
    // Cargo says `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if args == ["--floor"] {
        return server::floor::run();
    }
    match apart::asked_for(&args)? {
        Some(Apart::Step(name)) => step(&name, steps(false))?,
        Some(Apart::Smoke(name)) => step(&name, steps(true))?,
        Some(Apart::Build(workload, contestant)) => println!("{}", build(&workload, &contestant)?),
        None => {
            let only = args.first().filter(|arg| *arg != SMOKE).map_or("", String::as_str);
            print!("{}", all(only, args.iter().any(|arg| arg == SMOKE))?);
        }
    }
    Ok(())
}

/// All steps, or those that can do with less.
fn steps(smoke: bool) -> Vec<Step> {
    if smoke {
        return [server::steps(Scale::SMOKE), engine::steps(1)].into_iter().flatten().collect();
    }
    let steps = [
        subscription::steps(),
        collection::steps(),
        codec::steps(),
        server::steps(Scale::FULL),
        engine::steps(ENGINE_ROUNDS),
    ];
    steps.into_iter().flatten().collect()
}

/// Measures the rows of the step of this name and prints them.
fn step(name: &str, steps: Vec<Step>) -> Result {
    let Step { run, .. } = steps.into_iter().find(|step| step.name == name).ok_or("there is no such step")?;
    let rows = run(name, &Reference::default()).map_err(|error| format!("{name}: {error}"))?;
    println!("{}", serde_json::to_string(&rows)?);
    Ok(())
}

/// Runs all steps that have this in their names.
fn all(only: &str, smoke: bool) -> Result<Table> {
    let names: Vec<String> =
        steps(smoke).into_iter().map(|step| step.name).filter(|name| name.contains(only)).collect();
    if names.is_empty() {
        return Err(format!("no part of the table has {only} in its name").into());
    }
    let mut table = Table { smoke, ..Table::default() };
    for (i, name) in names.iter().enumerate() {
        eprintln!("{} of {}: {name}", i + 1, names.len());
        let apart = if smoke { Apart::Smoke(name.clone()) } else { Apart::Step(name.clone()) };
        table.rows.extend(serde_json::from_str::<Vec<Row>>(&apart.run()?)?);
    }
    Ok(table)
}

/// Seconds an item that a contestant is built of.
fn build(workload: &str, contestant: &str) -> Result<f64> {
    match workload.split_once(' ') {
        Some(("W1", size)) => subscription::build(size, contestant),
        _ => collection::build(workload, contestant),
    }
}
