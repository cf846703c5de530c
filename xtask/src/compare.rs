//! `cargo xtask compare`

use std::path::PathBuf;
use std::process::Command;

use crate::{Result, process, report, venv};

pub(crate) const HELP: &str = "\
measures this project, its peers and the Python package in turn, and prints a table of ratios

usage: cargo xtask compare [NAME]
       cargo xtask compare [NAME] --smoke
       cargo xtask compare --report [--quick | --redraw]

With NAME only the parts of the table that have it in their name, such as `W3`, `codec`,
`server` or `storage`. All do the same work on
the same input in the same run, and their results are compared first. The package is installed into a virtual environment under
the target folder when needed; its parts in C are used, and what they take is also told without the calls from Python.

The last column says which of the bars of this project are reached; below the table are those that are not. That the
command succeeds says nothing about them. It takes some minutes, and is worth something if nothing else goes on.

In the part `server` the servers of this project and of the package are driven in turn on loopback, by one load generator, and
beside them a floor: an echo and a fan-out that do no work. `nats-server` is measured if it is installed; if not, its bar
counts as not measured. 3,000 connections need as many open files (`ulimit -n 4096`). In the part `storage` both
keep events in LMDB, with the same configuration. With --smoke the parts that drive servers are done once and briefly,
unoptimized and without bars: a check that they work.

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
    let (names, smoke) = match args {
        [names @ .., flag] if flag == "--smoke" => (names, true),
        names => (names, false),
    };
    if names.len() > 1 || names.iter().any(|name| name.starts_with('-')) {
        return Err("usage: cargo xtask compare [[NAME] [--smoke] | --report [--quick | --redraw]]".into());
    }
    let reference = venv::NEWEST;
    let python = reference.python()?;
    let mut compare = if smoke {
        process::run(&mut process::cargo(&["build", "--package", "hat-event-cli"]))?;
        let mut compare = interop("test", "compare");
        compare.args(names).arg("--smoke").env("HAT_EVENT_PROGRAM", program("debug"));
        compare
    } else {
        process::run(&mut process::cargo(&["build", "--release", "--package", "hat-event-cli"]))?;
        let bytes = process::output(&mut interop("bench", "bytes"))?;
        let mut compare = interop("bench", "compare");
        compare.args(names).env("HAT_EVENT_PROGRAM", program("release")).env("HAT_EVENT_BYTES", bytes);
        compare
    };
    process::run(compare.env(reference.variable, python))
}

/// A program among the benchmarks of the tests against the reference, built as cargo builds it for `bench` or `test`.
fn interop(command: &str, name: &str) -> Command {
    process::cargo(&[command, "--package", "hat-event-interop", "--features", "python", "--bench", name, "--"])
}

/// The program of this project.
fn program(profile: &str) -> PathBuf {
    process::target_dir().join(profile).join("hat-event").with_extension(std::env::consts::EXE_EXTENSION)
}
