//! The Python packages that this project is held against, in virtual environments under the target folder.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use crate::{Result, process};

/// A version of the reference, with the packages that it needs, all pinned.
pub(crate) struct Reference {
    /// The version of hat-event.
    pub(crate) version: &'static str,
    /// The environment variable that tells programs which Python has that version.
    pub(crate) variable: &'static str,
}

/// The newest version.
pub(crate) const NEWEST: Reference = Reference { version: "0.9.44", variable: "HAT_PYTHON_0_9_44" };
/// The version whose surface is ported.
pub(crate) const PORTED: Reference = Reference { version: "0.9.30", variable: "HAT_PYTHON_0_9_30" };

/// Where the Python programs and the lists of packages are.
pub(crate) fn scripts() -> PathBuf {
    process::root().join("crates/interop/python")
}

impl Reference {
    /// The Python that has this version installed; makes its virtual environment where there is none that fits.
    pub(crate) fn python(&self) -> Result<PathBuf> {
        let folder = process::target_dir().join(format!("reference-{}", self.version));
        let folder = process::root().join(folder);
        let python = folder.join("bin/python");
        let requirements = scripts().join(format!("requirements-{}.txt", self.version));
        let stamp_file = folder.join("stamp");
        let stamp = stamp(&requirements)?;
        if fs::read_to_string(&stamp_file).is_ok_and(|found| found == stamp) {
            return Ok(python);
        }
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("cannot remove {}: {error}", folder.display()))?;
        }
        eprintln!("installing hat-event {} under {}", self.version, folder.display());
        process::run(system_python().args(["-m", "venv"]).arg(&folder)).map_err(|error| {
            format!(
                "{error}\npython3 could not make a virtual environment; on Debian the package python3-venv is needed"
            )
        })?;
        let mut pip = process::program(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]);
        process::run(pip.arg("--requirement").arg(&requirements)).map_err(|error| {
            format!(
                "{error}\npip could not install the packages of {}: what it said is above; it needs a package index, \
                 and a Python for which they are built",
                requirements.display()
            )
        })?;
        process::output(process::program(&python).args(["-c", "import hat.event.common, hat.drivers.chatter"]))?;
        fs::write(&stamp_file, stamp).map_err(|error| format!("cannot write {}: {error}", stamp_file.display()))?;
        Ok(python)
    }
}

/// What has to be the same for an environment to be used again: the packages and the Python.
fn stamp(requirements: &Path) -> Result<String> {
    let packages =
        fs::read_to_string(requirements).map_err(|error| format!("cannot read {}: {error}", requirements.display()))?;
    let script = "import sys; print(sys.executable, sys.version); sys.exit(sys.version_info < (3, 10))";
    let python = process::output(system_python().args(["-c", script]))
        .map_err(|error| format!("{error}\nPython 3.10 or newer is needed, as python3 or named by PYTHON"))?;
    Ok(python + &packages)
}

/// The Python of the system, or the one that the environment variable `PYTHON` names.
fn system_python() -> Command {
    process::program(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()))
}
