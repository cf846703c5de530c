//! What the fuzz targets share: two ways to run a claim.
//!
//! A target holds one claim about arbitrary bytes. Built by cargo-fuzz, libFuzzer looks for bytes that break it. Built
//! plainly, the target is a program that tries the claim on each file named in its arguments (or in a folder named
//! there), so that everything found so far is tested by any toolchain.

pub mod server;

use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};

use hat_event_types::EventType;
#[cfg(fuzzing)]
pub use libfuzzer_sys::fuzz_target;

/// Makes a program of a claim: `claim!(|data| { ... })`, where `data` is a `&[u8]` and a panic says that it is broken.
#[macro_export]
macro_rules! claim {
    (|$data:ident| $body:block) => {
        #[cfg(fuzzing)]
        $crate::fuzz_target!(|$data: &[u8]| $body);

        #[cfg(not(fuzzing))]
        fn main() -> std::process::ExitCode {
            $crate::replay(|$data: &[u8]| $body)
        }
    };
}

/// Lets the first byte choose one of `names`; the other bytes are the data for it.
pub fn choose<'a, 'b>(names: &[&'a str], data: &'b [u8]) -> Option<(&'a str, &'b [u8])> {
    let (choice, data) = data.split_first()?;
    Some((names.get(usize::from(*choice) % names.len())?, data))
}

/// A stream, and the pieces in which it arrives: the first byte counts the pieces, the following ones are their lengths, and
/// the others are the stream.
pub fn pieces(data: &[u8]) -> Option<(&[u8], Vec<&[u8]>)> {
    let (&count, data) = data.split_first()?;
    let (lengths, stream) = data.split_at_checked(count.into())?;
    let mut rest = stream;
    let mut pieces: Vec<&[u8]> = Vec::new();
    for &length in lengths {
        let (piece, more) = rest.split_at(rest.len().min(length.into()));
        pieces.push(piece);
        rest = more;
    }
    pieces.push(rest);
    Some((stream, pieces))
}

/// Event types and query types of few different segments, so that many match: a line each, a byte a segment.
pub fn event_types(data: &[u8]) -> Vec<EventType> {
    let segment = |byte: &u8| match byte {
        b'a' => "a",
        b'b' => "b",
        b'?' => "?",
        b'*' => "*",
        other => ["a", "b", "?", "*"][usize::from(other % 4)],
    };
    data.split(|byte| *byte == b'\n').map(|line| line.iter().map(segment).collect()).collect()
}

/// Tries `claim` on each file named by the program's arguments; fails if it is broken by one, or if there is none.
pub fn replay(claim: impl Fn(&[u8])) -> std::process::ExitCode {
    let mut files = Vec::new();
    for arg in std::env::args_os().skip(1) {
        find(Path::new(&arg), &mut files);
    }
    let holds = |path: &PathBuf| {
        let data = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let held = std::panic::catch_unwind(AssertUnwindSafe(|| claim(&data))).is_ok();
        if !held {
            eprintln!("broken by {}", path.display());
        }
        held
    };
    let passed = files.iter().filter(|path| holds(path)).count();
    println!("{passed} passed, {} failed", files.len() - passed);
    if passed > 0 && passed == files.len() { 0.into() } else { 1.into() }
}

fn find(path: &Path, files: &mut Vec<PathBuf>) {
    if !path.is_dir() {
        return files.push(path.to_owned());
    }
    let entries = std::fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    for entry in entries {
        find(&entry.expect("an entry of the folder").path(), files);
    }
}
