use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{Document, DocumentError, Folders, Format, embedded_default};

/// The endings of a user's configuration, in the order in which they are looked for.
const ENDINGS: [&str; 4] = ["yaml", "yml", "toml", "json"];

/// Where a configuration is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// On standard input.
    Input,
    /// In a file.
    File(PathBuf),
    /// Nowhere: it is that of [`embedded_default`], which keeps events in this folder.
    Default(PathBuf),
}

/// Why a configuration cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Reading failed, or there is no such file.
    #[error("{from}: {error}")]
    Io {
        /// Where it was to be read from.
        from: Source,
        /// What failed.
        error: io::Error,
    },
    /// It is not text.
    #[error("{from}: not UTF-8 at byte {at}")]
    NotText {
        /// Where it was read from.
        from: Source,
        /// The first byte that is no UTF-8.
        at: usize,
    },
    /// Nothing says which format it has.
    #[error("{0}: the ending is none of .json, .yaml, .yml, .toml")]
    NoFormat(Source),
    /// It is not what its format says.
    #[error("{from}: {error}")]
    Document {
        /// Where it was read from.
        from: Source,
        /// What is wrong.
        error: DocumentError,
    },
    /// The path of a folder for data is no text, and configurations are.
    #[error("the folder {} for data has a name that is not UTF-8", .0.display())]
    DataFolder(PathBuf),
}

/// Finds the configuration that a server is to run with, as the reference does.
///
/// `-` is standard input, any other path a file, whether it is there or not. Without a path it is the first of
/// `event.yaml`, `event.yml`, `event.toml` and `event.json` in the user's folder that is there, and without any of them,
/// which ends the reference, the embedded default.
///
/// # Errors
///
/// [`ReadError::Io`] if it cannot be told whether one of these files is there.
pub fn find(explicit: Option<&Path>, folders: &Folders) -> Result<Source, ReadError> {
    match explicit {
        Some(path) if path == Path::new("-") => return Ok(Source::Input),
        Some(path) => return Ok(Source::File(path.to_owned())),
        None => {}
    }
    for ending in ENDINGS {
        let path = folders.config.join("event").with_extension(ending);
        match path.try_exists() {
            Ok(true) => return Ok(Source::File(path)),
            Ok(false) => {}
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {}
            Err(error) => return Err(ReadError::Io { from: Source::File(path), error }),
        }
    }
    Ok(Source::Default(folders.data.clone()))
}

impl Source {
    /// Reads the configuration: in the format given, else in that which the ending says; standard input is JSON, as in the
    /// reference.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is not what its format says.
    pub fn read(&self, format: Option<Format>) -> Result<Document, ReadError> {
        let from = || self.clone();
        let (bytes, format) = match self {
            Self::Input => {
                let mut bytes = Vec::new();
                let read = io::stdin().lock().read_to_end(&mut bytes);
                (read.map(|_| bytes), format.or(Some(Format::Json)))
            }
            Self::File(path) => (fs::read(path), format.or_else(|| Format::of(path))),
            Self::Default(folder) => return embedded_default(folder).map(Document::from),
        };
        let format = format.ok_or_else(|| ReadError::NoFormat(from()))?;
        let bytes = bytes.map_err(|error| ReadError::Io { from: from(), error })?;
        let text = String::from_utf8(bytes)
            .map_err(|error| ReadError::NotText { from: from(), at: error.utf8_error().valid_up_to() })?;
        Document::parse(&text, format).map_err(|error| ReadError::Document { from: from(), error })
    }

    /// Makes the folder that the embedded default keeps events in, if it is not there. Other configurations name
    /// folders that are.
    ///
    /// # Errors
    ///
    /// If it cannot be made.
    pub fn prepare(&self) -> io::Result<()> {
        match self {
            Self::Default(folder) => fs::create_dir_all(folder),
            Self::Input | Self::File(_) => Ok(()),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("standard input"),
            Self::File(path) => path.display().fmt(f),
            Self::Default(_) => f.write_str("embedded default"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Folders of a user, in a folder that a test has for itself.
    fn folders(name: &str) -> Folders {
        let root = std::env::temp_dir().join(format!("hat-event-conf-{}-{name}", std::process::id()));
        // Of an earlier process with the same id.
        let _ = fs::remove_dir_all(&root);
        let folders = Folders { config: root.join("config/hat"), data: root.join("data/hat") };
        fs::create_dir_all(&folders.config).unwrap();
        folders
    }

    #[test]
    fn files_are_found_in_the_order_of_the_reference() {
        let folders = folders("order");
        assert_eq!(find(None, &folders).unwrap(), Source::Default(folders.data.clone()));
        for (ending, format) in ENDINGS.into_iter().zip(["{}", "{}", "", "{}"]).rev() {
            let path = folders.config.join(format!("event.{ending}"));
            fs::write(&path, format).unwrap();
            let found = find(None, &folders).unwrap();
            assert_eq!(found, Source::File(path));
            assert_eq!(found.read(None).unwrap().value(), &serde_json::json!({}));
        }
        assert_eq!(find(Some(Path::new("-")), &folders).unwrap(), Source::Input);
        assert_eq!(find(Some(Path::new("x")), &folders).unwrap(), Source::File("x".into()));
        fs::remove_dir_all(folders.config.ancestors().nth(2).unwrap()).unwrap();
        assert_eq!(find(None, &folders).unwrap(), Source::Default(folders.data));
    }

    #[test]
    fn what_cannot_be_read_is_told() {
        let folders = folders("errors");
        let error = |name: &str, bytes: Option<&[u8]>, format| {
            let path = folders.config.join(name);
            bytes.iter().for_each(|bytes| fs::write(&path, bytes).unwrap());
            let error = find(Some(&path), &folders).unwrap().read(format).unwrap_err().to_string();
            error.strip_prefix(&format!("{}: ", path.display())).unwrap().to_owned()
        };
        assert_eq!(error("no.yaml", None, None), io::Error::from_raw_os_error(2).to_string());
        assert_eq!(error("a.conf", Some(b"{}"), None), "the ending is none of .json, .yaml, .yml, .toml");
        assert_eq!(error("a.yaml", Some(b"a: \xFF"), None), "not UTF-8 at byte 3");
        assert_eq!(error("a.yaml", Some(b"a: ["), Some(Format::Json)), "expected value at line 1, column 1");
        let path = folders.config.join("a.conf");
        assert!(find(Some(&path), &folders).unwrap().read(Some(Format::Toml)).is_err());
        assert!(find(Some(&path), &folders).unwrap().read(Some(Format::Yaml)).is_ok());
        fs::remove_dir_all(folders.config.ancestors().nth(2).unwrap()).unwrap();
    }

    #[test]
    fn only_the_default_makes_its_folder() {
        let folders = folders("prepare");
        assert!(!folders.data.exists());
        let found = find(None, &folders).unwrap();
        let path = folders.data.join("event.db");
        assert_eq!(found.read(None).unwrap().value()["backend"]["db_path"], path.to_str().unwrap());
        assert!(!folders.data.exists());
        for _ in 0..2 {
            found.prepare().unwrap();
            assert!(folders.data.is_dir());
        }
        Source::File("nowhere/x.yaml".into()).prepare().unwrap();
        assert!(!Path::new("nowhere").exists());
        fs::remove_dir_all(folders.config.ancestors().nth(2).unwrap()).unwrap();
    }
}
