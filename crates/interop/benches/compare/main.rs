//! The Python reference, this project and its peers do the same work in turn; `cargo xtask compare` runs it.
//!
//! The workloads and the peers are those of the package of benchmarks. Before anything is measured, all contestants have
//! to give the same results. What the table is held against is in `bars`.

#![expect(clippy::print_stdout, reason = "the table is what is asked for")]

mod bars;
mod codec;
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

use reference::Reference;
use table::Table;

/// What every step returns.
type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

/// Measures rows whose names begin with the given one.
type Run = dyn FnOnce(&str, &Reference, &mut Table) -> Result;

/// One or more rows of the table that share a workload, and what measures them.
struct Step {
    name: String,
    run: Box<Run>,
}

impl Step {
    fn new(name: impl Into<String>, run: impl FnOnce(&str, &Reference, &mut Table) -> Result + 'static) -> Self {
        Self { name: name.into(), run: Box::new(run) }
    }
}

fn main() -> Result {
    // Cargo says `--bench`.
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_default();
    let steps = [subscription::steps(), collection::steps(), codec::steps()].into_iter().flatten();
    let steps: Vec<Step> = steps.filter(|step| step.name.contains(&only)).collect();
    let count = steps.len();
    let reference = Reference::start()?;
    let mut table = Table::default();
    for (i, Step { name, run }) in steps.into_iter().enumerate() {
        eprintln!("{} of {count}: {name}", i + 1);
        run(&name, &reference, &mut table).map_err(|error| format!("{name}: {error}"))?;
    }
    print!("{table}");
    Ok(())
}
