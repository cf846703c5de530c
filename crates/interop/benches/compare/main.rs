//! The Python reference and this project do the same work in turn; `cargo xtask compare` runs it.
//!
//! The workloads are those of the package of benchmarks.

#![expect(clippy::print_stdout, reason = "the table is what is asked for")]

mod codec;
mod contest;
#[path = "../../../../benches/decoded.rs"]
mod decoded;
#[path = "../../../../benches/events.rs"]
mod events;
mod matching;
#[path = "../../../../benches/random.rs"]
mod random;
#[path = "../../../../benches/w1.rs"]
mod w1;
#[path = "../../../../benches/workloads.rs"]
mod workloads;

use std::error::Error;

use contest::Contests;
use hat_event_interop::Python;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo says `--bench`.
    let only = std::env::args().skip(1).find(|arg| !arg.starts_with("--")).unwrap_or_default();
    let mut contests = Contests::new(Python::start("HAT_PYTHON_0_9_44", "compare.py")?, only);
    codec::hold(&mut contests)?;
    matching::hold(&mut contests)?;
    print!("{contests}");
    Ok(())
}
