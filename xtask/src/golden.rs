//! `cargo xtask golden`

use crate::Result;

pub(crate) const HELP: &str = "\
being written

usage: cargo xtask golden
";

pub(crate) fn run(_args: &[String]) -> Result {
    Err("being written".into())
}
