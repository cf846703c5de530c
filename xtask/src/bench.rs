//! `cargo xtask bench`

use crate::{Result, process};

pub(crate) const HELP: &str = "\
runs the benchmarks, or those whose name contains NAME

usage: cargo xtask bench [NAME]
       cargo xtask bench --smoke

NAME is a part of a benchmark's name such as `codec/event`. With --smoke each benchmark runs once, unmeasured: a check
that all of them still work. Results of earlier runs are under target/criterion, and criterion says what changed.
Comparison with the Python reference is in `cargo xtask compare`.
";

pub(crate) fn run(args: &[String]) -> Result {
    let bench = ["bench", "--package", "hat-event-benches", "--benches"];
    let smoke = ["test", "--package", "hat-event-benches", "--benches"];
    match args {
        [] => process::run(&mut process::cargo(&bench)),
        [flag] if flag == "--smoke" => process::run(&mut process::cargo(&smoke)),
        [name] if !name.starts_with('-') => process::run(process::cargo(&bench).args(["--", name])),
        _ => Err("usage: cargo xtask bench [NAME | --smoke]".into()),
    }
}
