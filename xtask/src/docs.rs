//! `cargo xtask docs`

use crate::Result;

pub(crate) const HELP: &str = "\
being written

usage: cargo xtask docs
";

pub(crate) fn run(_args: &[String]) -> Result {
    Err("being written".into())
}
