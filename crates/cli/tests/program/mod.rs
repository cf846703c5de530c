//! Runs the program.

#![allow(dead_code, reason = "each test uses a part")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What a run left behind.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hat-event"));
    command.args(args).current_dir(sample("")).env_remove("NO_COLOR");
    command
}

/// Runs the program in the folder of the recorded traffic.
pub(crate) fn run(args: &[&str]) -> Ran {
    run_on(args, b"")
}

/// The same, with something on standard input.
pub(crate) fn run_on(args: &[&str], input: &[u8]) -> Ran {
    let mut command = command(args);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may end before it has read all.
    let writer = std::thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// A run that did what it should: what it printed.
pub(crate) fn ok(ran: Ran) -> String {
    assert_eq!((ran.code, &*ran.err), (0, ""), "{ran:?}");
    ran.out
}

/// A run that printed nothing but an error.
#[track_caller]
pub(crate) fn check_error(ran: Ran, error: &str) {
    assert_eq!((ran.code, &*ran.out), (2, ""), "{ran:?}");
    assert!(ran.err.contains(error), "{ran:?}");
}

/// A file of the recorded traffic.
pub(crate) fn sample(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../chatter/tests/sample").join(path)
}

/// A file that a test writes; each has a name of its own.
pub(crate) fn write(name: &str, data: impl AsRef<[u8]>) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, data).unwrap();
    path.to_str().unwrap().to_owned()
}
