use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::file::FileSink;

/// A file that is renamed before it gets too long, with the names that Python gives: `FILE.1` is the one before `FILE`.
#[derive(Debug)]
pub(in crate::log) struct Rotating {
    pub(super) file: FileSink,
    /// 0 is never.
    max_bytes: u64,
    backups: u32,
}

impl Rotating {
    pub(super) fn new(file: FileSink, max_bytes: u64, backups: u32) -> Self {
        Self { file, max_bytes, backups }
    }

    pub(super) fn write(&mut self, line: &str) {
        if self.max_bytes > 0 && self.is_full(line) {
            self.rotate();
        }
        self.file.write(line);
    }

    /// As in Python, the length of the line counts in characters, and a file stays below the limit.
    fn is_full(&mut self, line: &str) -> bool {
        if is_special(&self.file.conf.path) {
            return false;
        }
        let line_len = line.chars().count() as u64 + 1;
        self.file.len().is_ok_and(|len| len + line_len >= self.max_bytes)
    }

    fn rotate(&mut self) {
        self.file.close();
        let path = self.file.conf.path.clone();
        for number in (0..self.backups).rev() {
            let from = if number == 0 { path.clone() } else { with_suffix(&path, &number.to_string()) };
            if let Err(error) = rename(&from, &with_suffix(&path, &(number + 1).to_string())) {
                self.file.lost.tell(format_args!("cannot rename {}: {error}", from.display()));
            }
        }
        self.file.reopen_unless_delayed();
    }
}

/// Whether something is there that is no file, such as a device.
pub(super) fn is_special(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file())
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// Renames a file, if it is there, over another one.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
