//! `cargo xtask compare`

use std::process::Command;

use crate::{Result, process, report, venv};

pub(crate) const HELP: &str = "\
measures this project, its peers and the Python package in turn, and prints a table of ratios

usage: cargo xtask compare [NAME]
       cargo xtask compare --report [--quick | --redraw]

With NAME only the parts of the table that have it in their name, such as `W3` or `codec`. All do the same work on the same
input in the same run, and their results are compared first. The package is installed into a virtual environment under
the target folder when needed; its parts in C are used, and what they take is also told without the calls from Python.

The last column says which of the bars of this project are reached; below the table are those that are not. That the
command succeeds says nothing about them. It takes some minutes, and is worth something if nothing else goes on.

With --report it is measured how cost grows as work grows, and the tables and charts of docs/src/benchmarks.md are written
anew. That takes 20 to 30 minutes and up to 60 % of the free memory. With --quick sizes are small, numbers are rough, and
page and charts go to target/growth. With --redraw nothing is measured: the page is written from the numbers of the last run.
";

pub(crate) fn run(args: &[String]) -> Result {
    if let [flag, args @ ..] = args
        && flag == "--report"
    {
        return report::run(args);
    }
    if args.len() > 1 || args.iter().any(|arg| arg.starts_with('-')) {
        return Err("usage: cargo xtask compare [NAME | --report [--quick | --redraw]]".into());
    }
    let reference = venv::NEWEST;
    let python = reference.python()?;
    let bytes = process::output(&mut bench("bytes"))?;
    process::run(bench("compare").args(args).env(reference.variable, python).env("HAT_EVENT_BYTES", bytes))
}

/// A program among the benchmarks of the tests against the reference.
fn bench(name: &str) -> Command {
    process::cargo(&["bench", "--package", "hat-event-interop", "--features", "python", "--bench", name, "--"])
}
