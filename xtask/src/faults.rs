//! `cargo xtask faults`

use crate::{Result, process};

pub(crate) const HELP: &str = "\
disturbs, kills and stops the real server, and measures what that costs

usage: cargo xtask faults [--short] [NAME...] [ROUNDS]

It starts `hat-event serve` anew for each fault, and prints a line of what it measured. All faults, if none is named. In memory:

  slow        a subscriber that is stopped costs 50 others and 4 writers nothing, is cut off, and has every event once it comes back
  half-open   connections that nothing comes through any more are gone within ping delay plus timeout
  malformed   100,000 damaged messages, while 10 good clients miss nothing
  memory      claims of lengths and counts cost no more than the bytes that make them
  churn       1,000 connections a second leave nothing behind

And on LMDB, in folders under target/faults that are left to be looked at:

  kill        killed under 8 writers, ROUNDS times (200, or 20) with each durability: nothing is lost that may not be, no id comes
              again, nothing appears that nobody registered, and all indexes agree
  sync        a trace of system calls (strace) shows that events are synced before they are acknowledged
  stop        told to end with 250,000 events in memory, slow subscribers and 8 writers: within 2 s, and everything is there
  soak        ten minutes (or one) at half of the highest rate with limits on: memory, descriptors and the file do not grow

--short takes fewer of everything, as the continuous integration does.
";

pub(crate) fn run(args: &[String]) -> Result {
    process::run(&mut process::cargo(&["build", "--release", "--package", "hat-event-cli"]))?;
    let program = process::target_dir().join("release").join(format!("hat-event{}", std::env::consts::EXE_SUFFIX));
    let mut command = process::cargo(&["run", "--release", "--quiet", "--package", "hat-event-faults", "--"]);
    command.env("HAT_EVENT_PROGRAM", program).env("HAT_EVENT_FAULTS", process::target_dir().join("faults"));
    process::run(command.args(args))
}
