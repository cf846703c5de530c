//! Programs that checks use, each of one version, installed when first needed.

use std::path::PathBuf;

use crate::{Result, process};

/// The path of program `name`, built now if it is not there yet.
///
/// A debug build: they run for a second, and building them is what takes time.
pub(crate) fn path(name: &str, version: &str) -> Result<PathBuf> {
    let folder = process::target_dir().join("tools");
    let root = folder.join(format!("{name}-{version}"));
    let program = root.join("bin").join(name);
    if !program.exists() {
        let package = format!("{name}@{version}");
        let install = ["install", &package, "--locked", "--debug", "--quiet", "--no-default-features"];
        process::run(process::cargo(&install).arg("--root").arg(&root).arg("--target-dir").arg(folder.join("build")))?;
    }
    Ok(program)
}
