//! `cargo xtask interop`

use crate::{Result, process, venv};

pub(crate) const HELP: &str = "\
runs the real Python packages against this project, on random input and as clients and servers

usage: cargo xtask interop [ARGS]

ARGS are passed on to the tests, for example the name of one. The packages are installed into virtual environments under
the target folder when needed. Each run prints the seed of its input; these environment variables repeat or change a run:

  HAT_INTEROP_SEED   the seed
  HAT_INTEROP_CASES  how many cases a test has, or events a history, 10000 if not given
";

pub(crate) fn run(args: &[String]) -> Result {
    process::run(&mut process::cargo(&["build", "--package", "hat-event-cli"]))?;
    let program = format!("debug/hat-event{}", std::env::consts::EXE_SUFFIX);
    let tests = ["test", "--package", "hat-event-interop", "--features", "python", "--test", "python", "--"];
    let mut command = process::cargo(&tests);
    command.env("HAT_EVENT_PROGRAM", process::root().join(process::target_dir()).join(program));
    for reference in [venv::NEWEST, venv::PORTED] {
        command.env(reference.variable, reference.python()?);
    }
    process::run(command.arg("--show-output").args(args))
}
