//! What is measured in a process of its own: this program, with other arguments.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Result;
use crate::contest::median;

/// Something is built so often at least, and for so many seconds.
const BUILDS: usize = 3;
const SECONDS: f64 = 0.25;

/// Asks for the steps that there are for it, with as little work as shows that it can be done.
pub(crate) const SMOKE: &str = "--smoke";
/// The same of one step.
const SMOKE_STEP: &str = "--smoke-step";

pub(crate) enum Apart {
    /// All rows of a step.
    Step(String),
    /// The same, with as little work as shows that it can be done.
    Smoke(String),
    /// Building something from a workload, and by whom.
    Build(String, String),
}

/// What the arguments of this process ask for.
pub(crate) fn asked_for(args: &[String]) -> Result<Option<Apart>> {
    Ok(match args {
        [flag, step] if flag == "--step" => Some(Apart::Step(step.clone())),
        [flag, workload, contestant] if flag == "--build" => Some(Apart::Build(workload.clone(), contestant.clone())),
        [flag, step] if flag == SMOKE_STEP => Some(Apart::Smoke(step.clone())),
        [] => None,
        [flag] if flag == SMOKE => None,
        [only] if !only.starts_with('-') => None,
        [only, flag] if flag == SMOKE && !only.starts_with('-') => None,
        _ => return Err("run this by `cargo xtask compare`".into()),
    })
}

impl Apart {
    /// What such a process prints.
    pub(crate) fn run(&self) -> Result<String> {
        let args: &[&str] = match self {
            Self::Step(step) => &["--step", step],
            Self::Smoke(step) => &[SMOKE_STEP, step],
            Self::Build(workload, contestant) => &["--build", workload, contestant],
        };
        let output = Command::new(std::env::current_exe()?).args(args).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("a process with {args:?} failed ({})", output.status).into());
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The median of seconds an item that something is made of. Copying what it is made of is not measured, and all that was
/// made is kept, so that each time the memory is new, as `compare.py` has it too.
pub(crate) fn builds<I, T>(items: usize, copy: impl Fn() -> I, make: impl Fn(I) -> T) -> f64 {
    let (mut kept, mut times) = (Vec::new(), Vec::new());
    while times.len() < BUILDS || times.iter().sum::<f64>() < SECONDS {
        let copied = copy();
        let start = Instant::now();
        kept.push(black_box(make(copied)));
        times.push(start.elapsed().as_secs_f64());
    }
    median(times) / items as f64
}
