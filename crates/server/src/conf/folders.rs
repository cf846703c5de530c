use std::ffi::OsString;
use std::path::PathBuf;

/// Where a user keeps configurations and data of Hat components.
///
/// As the XDG base directory specification has it, and `appdirs`, which the reference asks, on Linux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// `$XDG_CONFIG_HOME/hat`, or `~/.config/hat`.
    pub config: PathBuf,
    /// `$XDG_DATA_HOME/hat`, or `~/.local/share/hat`.
    pub data: PathBuf,
}

impl Folders {
    /// Those of the user that this process belongs to; in the working directory if that user has no home.
    pub fn of_user() -> Self {
        Self::new(std::env::home_dir().unwrap_or_default(), |name| std::env::var_os(name))
    }

    /// Those of a user with a home, by the variables of the environment. A variable that is empty counts as none.
    pub fn new(home: PathBuf, variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let folder = |name: &str, default: &str| {
            let folder = variable(name).filter(|value| !value.is_empty());
            folder.map_or_else(|| home.join(default), PathBuf::from).join("hat")
        };
        Self { config: folder("XDG_CONFIG_HOME", ".config"), data: folder("XDG_DATA_HOME", ".local/share") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_decide_unless_they_are_empty() {
        let folders = |config: Option<&str>, data: Option<&str>| {
            let found = Folders::new("/home/me".into(), |name| {
                match name {
                    "XDG_CONFIG_HOME" => config,
                    "XDG_DATA_HOME" => data,
                    _ => panic!("{name}"),
                }
                .map(OsString::from)
            });
            [found.config, found.data].map(|path| path.to_str().unwrap().to_owned())
        };
        assert_eq!(folders(None, None), ["/home/me/.config/hat", "/home/me/.local/share/hat"]);
        assert_eq!(folders(Some("/c"), Some("d")), ["/c/hat", "d/hat"]);
        assert_eq!(folders(Some(""), Some("/d/")), ["/home/me/.config/hat", "/d/hat"]);
    }
}
