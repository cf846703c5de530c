//! What the book shows of the program is what it does.

#![cfg(unix)]

use std::path::Path;
use std::process::Command;

/// Runs the commands in the `console` blocks of a page, and returns the page with what they print now.
fn refreshed(page: &str) -> String {
    let mut lines = Vec::new();
    let mut in_console = false;
    for line in page.lines() {
        if line.starts_with("```") {
            in_console = line == "```console";
        }
        if !in_console || line == "```console" {
            lines.push(line.to_owned());
        } else if let Some(command) = line.strip_prefix("$ ") {
            lines.push(line.to_owned());
            lines.extend(run(command).lines().map(str::to_owned));
        }
    }
    lines.join("\n") + "\n"
}

/// What a command prints, run in a shell at the root of the project.
fn run(command: &str) -> String {
    let folder = Path::new(env!("CARGO_BIN_EXE_hat-event")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec 2>&1\n{command}")]).env("PATH", path).current_dir(root());
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn check(page: &str, examples: usize) {
    let text = std::fs::read_to_string(root().join(page)).unwrap();
    let consoles = text.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands = consoles.flat_map(str::lines).filter_map(|line| line.strip_prefix("$ "));
    assert_eq!(commands.map(|command| command.matches("hat-event ").count()).sum::<usize>(), examples, "{page}");
    let refreshed = refreshed(&text);
    for (shown, now) in text.lines().zip(refreshed.lines()) {
        assert_eq!(shown, now, "{page}");
    }
    assert_eq!(text.len(), refreshed.len(), "{page}");
}

#[test]
fn commands() {
    check("docs/src/commands.md", 15);
}

#[test]
fn wire_format() {
    check("docs/src/wire-format.md", 1);
}
