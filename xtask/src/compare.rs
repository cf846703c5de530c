//! `cargo xtask compare`

use crate::{Result, process, report, venv};

pub(crate) const HELP: &str = "\
measures this project and the Python package in turn, and prints a table of medians and ratios

usage: cargo xtask compare [NAME]
       cargo xtask compare --report [--quick | --redraw]

With NAME only the rows that have it in their name. Both sides do the same work on the same input in the same run, and
their results are compared first. The package is installed into a virtual environment under the target folder when
needed; its parts in C are used.

With --report it is measured how cost grows as work grows, which takes about 20 minutes and most of the memory, and the
tables and charts of docs/src/benchmarks.md are written anew. With --quick sizes are small, numbers are rough, and page and
charts go to target/growth. With --redraw nothing is measured: the page is written from the numbers of the last run.
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
    let bench = ["bench", "--package", "hat-event-interop", "--features", "python", "--bench", "compare", "--"];
    process::run(process::cargo(&bench).args(args).env(reference.variable, reference.python()?))
}
