//! What is measured in a process of its own: this program, with other arguments.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;

/// Something is built so often in each process; all of it is kept, so that each time the memory is new.
const BUILDS: usize = 3;

pub(crate) enum Apart {
    /// All rows of a step.
    Step(String),
    /// Building something from a workload, and by whom.
    Build(String, String),
}

/// What the arguments of this process ask for.
pub(crate) fn asked_for(args: &[String]) -> Result<Option<Apart>> {
    Ok(match args {
        [flag, step] if flag == "--step" => Some(Apart::Step(step.clone())),
        [flag, workload, contestant] if flag == "--build" => Some(Apart::Build(workload.clone(), contestant.clone())),
        [] => None,
        [only] if !only.starts_with('-') => None,
        _ => return Err("run this by `cargo xtask compare`".into()),
    })
}

impl Apart {
    /// What such a process prints.
    pub(crate) fn run(&self) -> Result<String> {
        let args: &[&str] = match self {
            Self::Step(step) => &["--step", step],
            Self::Build(workload, contestant) => &["--build", workload, contestant],
        };
        let output = Command::new(std::env::current_exe()?).args(args).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("a process with {args:?} failed ({})", output.status).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The median of seconds an item. Copying what something is made of is not measured.
pub(crate) fn builds<I, T>(items: usize, copy: impl Fn() -> I, make: impl Fn(I) -> T) -> f64 {
    let mut kept = Vec::new();
    let mut times: Vec<f64> = (0..BUILDS)
        .map(|_| {
            let copied = copy();
            let start = Instant::now();
            kept.push(black_box(make(copied)));
            start.elapsed().as_secs_f64() / items as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[BUILDS / 2]
}
