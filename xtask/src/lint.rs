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
    process::run(&mut process::cargo(&["fmt", "--all", "--check"]))?;
    process::run(&mut process::cargo(&["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))?;
    for manifest in ["Cargo.toml", "fuzz/Cargo.toml"] {
        let mut clippy = process::cargo(&["clippy", "--workspace", "--all-targets", "--all-features"]);
        clippy.args(["--manifest-path", manifest, "--target-dir"]).arg(process::target_dir());
        process::run(clippy.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}
