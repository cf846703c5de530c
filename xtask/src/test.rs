//! `cargo xtask test`

use crate::{Result, process};

pub(crate) const HELP: &str = "\
runs all tests that need nothing but Rust

usage: cargo xtask test [ARGS]

The same as `cargo test --workspace`; ARGS are passed on, for example `-p hat-event-codec` or `-- a_name`.
Tests against the Python packages are in `cargo xtask interop`, those with random input for a long time in
`cargo xtask fuzz`.
";

pub(crate) fn run(args: &[String]) -> Result {
    process::run(process::cargo(&["test", "--workspace"]).args(args))
}
