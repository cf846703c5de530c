//! The Python reference, this project and its peers do the same work in turn; `cargo xtask compare` runs it.
//!
//! The workloads and the peers are those of the package of benchmarks. Before anything is measured, all contestants have
//! to give the same results. What the table is held against is in `bars`.
//!
//! A step measures what shares a workload. Each has a process of its own, so that it starts with memory in which nobody
//! has left holes, and what it measures while something is built has a further one for each time.

#![expect(clippy::print_stdout, reason = "the table is what is asked for")]

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
#[path = "../../../../benches/events.rs"]
mod events;
#[path = "../../../../benches/peers/mod.rs"]
mod peers;
#[path = "../../../../benches/peers/port_subscription.rs"]
mod port_subscription;
#[path = "../../../../benches/random.rs"]
mod random;
mod reference;
mod subscription;
mod table;
#[path = "../../../../benches/w1.rs"]
mod w1;
#[path = "../../../../benches/workloads.rs"]
mod workloads;

use std::error::Error;

use apart::Apart;
use reference::Reference;
use table::{Row, Table};

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
    match apart::asked_for(&args)? {
        Some(Apart::Step(name)) => {
            let Step { name, run } = steps().find(|step| step.name == name).ok_or("there is no such step")?;
            let rows = run(&name, &Reference::start()?).map_err(|error| format!("{name}: {error}"))?;
            println!("{}", serde_json::to_string(&rows)?);
        }
        Some(Apart::Build(workload, contestant)) => println!("{}", build(&workload, &contestant)?),
        None => print!("{}", all(args.first().map_or("", String::as_str))?),
    }
    Ok(())
}

fn steps() -> impl Iterator<Item = Step> {
    [subscription::steps(), collection::steps(), codec::steps()].into_iter().flatten()
}

/// Runs all steps that have this in their names.
fn all(only: &str) -> Result<Table> {
    let names: Vec<String> = steps().map(|step| step.name).filter(|name| name.contains(only)).collect();
    if names.is_empty() {
        return Err(format!("no part of the table has {only} in its name").into());
    }
    let mut table = Table::default();
    for (i, name) in names.iter().enumerate() {
        eprintln!("{} of {}: {name}", i + 1, names.len());
        table.rows.extend(serde_json::from_str::<Vec<Row>>(&Apart::Step(name.clone()).run()?)?);
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
