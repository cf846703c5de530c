//! `cargo xtask deny`

use crate::{Result, process, tools};

pub(crate) const HELP: &str = "\
checks the licences and sources of all dependencies, and that none comes in two versions

usage: cargo xtask deny

The rules are in deny.toml. cargo-deny is built on first use. Its check for known vulnerabilities, `cargo deny check
advisories`, fetches a database from the network and is for a release.
";

const CARGO_DENY: &str = "0.20.2";

pub(crate) fn run(args: &[String]) -> Result {
    process::no_args(args)?;
    let cargo_deny = tools::path("cargo-deny", CARGO_DENY)?;
    process::run(process::program(cargo_deny).args(["check", "bans", "licenses", "sources"]))
}
