//! `cargo xtask interop`

use crate::Result;

pub(crate) const HELP: &str = "\
being written

usage: cargo xtask interop
";

pub(crate) fn run(_args: &[String]) -> Result {
    Err("being written".into())
}
