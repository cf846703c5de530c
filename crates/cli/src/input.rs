use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::failure::Failure;

/// What an input is called.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { path.display().to_string() }
}

/// Opens a file, or standard input if `path` is `-`.
pub(crate) fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path == Path::new("-") {
        return Ok(Box::new(io::stdin().lock()));
    }
    File::open(path).map(|file| Box::new(file) as Box<dyn Read>).map_err(|error| Failure::input(path, error))
}

/// Reads all of a file, or of standard input if `path` is `-`.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut data = Vec::new();
    open(path)?.read_to_end(&mut data).map_err(|error| Failure::input(path, error))?;
    Ok(data)
}

/// Reads all of a file, or of standard input if `path` is `-`, which has to be UTF-8.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(read(path)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::input(path, format!("not UTF-8 at byte {at}"))
    })
}
