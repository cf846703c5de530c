//! `cargo xtask compare`

use crate::{Result, process, venv};

pub(crate) const HELP: &str = "\
measures this project and the Python package in turn, and prints a table of medians and ratios

usage: cargo xtask compare [NAME]

With NAME only the rows that have it in their name. Both sides do the same work on the same input in the same run, and
their results are compared first. The package is installed into a virtual environment under the target folder when
needed; its parts in C are used.
";

pub(crate) fn run(args: &[String]) -> Result {
    if args.len() > 1 || args.iter().any(|arg| arg.starts_with('-')) {
        return Err("usage: cargo xtask compare [NAME]".into());
    }
    let reference = venv::NEWEST;
    let bench = ["bench", "--package", "hat-event-interop", "--features", "python", "--bench", "compare", "--"];
    process::run(process::cargo(&bench).args(args).env(reference.variable, reference.python()?))
}
