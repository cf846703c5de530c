use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::time::Instant;

use hat_event_interop::Python;
use serde_json::{Value, json};

/// How often each side is measured, in turn.
const ROUNDS: usize = 7;

/// How long one measurement takes, in seconds.
const SECONDS: f64 = 0.1;

/// The contests of a run, and the reference that they are against.
pub(crate) struct Contests {
    python: Python,
    /// Only contests whose name has this in it.
    only: String,
    results: Vec<Contest>,
}

/// Medians of the times that the same work takes on both sides, in seconds.
struct Contest {
    name: String,
    rust: f64,
    python: f64,
}

impl Contests {
    pub(crate) fn new(python: Python, only: String) -> Self {
        Self { python, only, results: Vec::new() }
    }

    /// Whether a contest of this name is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        name.contains(&self.only)
    }

    /// Loads a workload into Python, compares its result with ours and measures both sides in turn.
    ///
    /// `work` names the function of `compare.py`.
    pub(crate) fn hold<T>(
        &mut self,
        name: String,
        work: &str,
        workload: Value,
        result: &Value,
        mut run: impl FnMut() -> T,
    ) -> Result<(), Box<dyn Error>> {
        let theirs = self.python.ask("load", &[json!({"name": work, "workload": workload})])?;
        if theirs != [result.clone()] {
            return Err(format!("{name}: the results differ").into());
        }
        let (mut rust, mut python) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            rust.push(measure(&mut run));
            let theirs = self.python.ask("measure", &[json!({"seconds": SECONDS})])?;
            python.push(theirs[0].as_f64().ok_or("no time")?);
        }
        self.results.push(Contest { name, rust: median(rust), python: median(python) });
        Ok(())
    }
}

/// Seconds a run, of as many runs as take about [`SECONDS`].
fn measure<T>(run: &mut impl FnMut() -> T) -> f64 {
    let mut runs = 1u32;
    loop {
        let start = Instant::now();
        for _ in 0..runs {
            black_box(run());
        }
        let taken = start.elapsed().as_secs_f64();
        if taken >= SECONDS / 2.0 {
            return taken / f64::from(runs);
        }
        let wanted = f64::from(runs) * SECONDS / taken.max(1e-9);
        runs = runs.saturating_mul(2).max(wanted as u32);
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The table of all contests.
impl fmt::Display for Contests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | here | reference | ratio |\n|---|--:|--:|--:|")?;
        for Contest { name, rust, python } in &self.results {
            writeln!(f, "| {name} | {} | {} | {:.1} |", Seconds(*rust), Seconds(*python), python / rust)?;
        }
        Ok(())
    }
}

struct Seconds(f64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            s if s < 1e-6 => write!(f, "{:.1} ns", s * 1e9),
            s if s < 1e-3 => write!(f, "{:.2} µs", s * 1e6),
            s if s < 1.0 => write!(f, "{:.2} ms", s * 1e3),
            s => write!(f, "{s:.2} s"),
        }
    }
}
