//! `cargo xtask lint`

use crate::{Result, process};

pub(crate) const HELP: &str = "\
checks the format of the code, and clippy's warnings as errors

usage: cargo xtask lint

`cargo fmt --all` puts the format right. A warning that is wrong in one place is switched off there, by
`#[expect(LINT, reason = \"...\")]`; the lints themselves are in the root Cargo.toml. The fuzz targets are a workspace
of their own and are checked too.
";

pub(crate) fn run(args: &[String]) -> Result {
    process::no_args(args)?;
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let path = ["--manifest-path", manifest];
        process::run(process::cargo(&["fmt", "--all", "--check"]).args(path))?;
        let clippy = ["clippy", "--workspace", "--all-targets", "--all-features"];
        process::run(process::cargo(&clippy).args(path).args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}
