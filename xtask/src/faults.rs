//! `cargo xtask faults`

use crate::{Result, process};

pub(crate) const HELP: &str = "\
disturbs the real server and measures what that costs its other clients

usage: cargo xtask faults [--short] [NAME...]

It starts `hat-event serve --memory` anew for each fault, and prints a line of what it measured. All faults, if none is named:

  slow        a subscriber that is stopped costs 50 others and 4 writers nothing, is cut off, and has every event once it comes back
  half-open   connections that nothing comes through any more are gone within ping delay plus timeout
  malformed   100,000 damaged messages, while 10 good clients miss nothing
  memory      claims of lengths and counts cost no more than the bytes that make them
  churn       1,000 connections a second leave nothing behind

--short takes fewer of everything, as the continuous integration does.
";

pub(crate) fn run(args: &[String]) -> Result {
    process::run(&mut process::cargo(&["build", "--release", "--package", "hat-event-cli"]))?;
    let program = process::target_dir().join("release").join(format!("hat-event{}", std::env::consts::EXE_SUFFIX));
    let mut command = process::cargo(&["run", "--release", "--quiet", "--package", "hat-event-faults", "--"]);
    command.env("HAT_EVENT_PROGRAM", program).env("HAT_EVENT_FAULTS", process::target_dir().join("faults"));
    process::run(command.args(args))
}
