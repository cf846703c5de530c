//! Commands for those who work on this project: `cargo xtask --help`.
//!
//! One file a command: its `HELP`, whose first line is the summary, and its `run`. What several commands share is in
//! `process` (running programs) and `venv` (the Python packages that this project is held against).

#![expect(clippy::print_stdout, reason = "commands speak to the person who runs them")]

mod bench;
mod ci;
mod compare;
mod counts;
mod deny;
mod docs;
mod faults;
mod fuzz;
mod golden;
mod interop;
mod layers;
mod lint;
mod markdown;
mod process;
mod report;
mod test;
mod tools;
mod venv;

use std::process::ExitCode;

/// What every command returns. The message says what failed and what to do about it.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A command, as typed after `cargo xtask`.
struct Command {
    name: &'static str,
    /// What `cargo xtask NAME --help` prints; its first line is the summary in the list of commands.
    help: &'static str,
    run: fn(&[String]) -> Result,
}

#[rustfmt::skip]
const COMMANDS: &[Command] = &[
    Command { name: "ci", help: ci::HELP, run: ci::run },
    Command { name: "test", help: test::HELP, run: test::run },
    Command { name: "lint", help: lint::HELP, run: lint::run },
    Command { name: "docs", help: docs::HELP, run: docs::run },
    Command { name: "layers", help: layers::HELP, run: layers::run },
    Command { name: "deny", help: deny::HELP, run: deny::run },
    Command { name: "golden", help: golden::HELP, run: golden::run },
    Command { name: "interop", help: interop::HELP, run: interop::run },
    Command { name: "faults", help: faults::HELP, run: faults::run },
    Command { name: "fuzz", help: fuzz::HELP, run: fuzz::run },
    Command { name: "bench", help: bench::HELP, run: bench::run },
    Command { name: "counts", help: counts::HELP, run: counts::run },
    Command { name: "compare", help: compare::HELP, run: compare::run },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result {
    let asks_help = |arg: &String| arg == "-h" || arg == "--help";
    let Some((name, rest)) = args.split_first() else {
        return Err(format!("no command given\n\n{}", overview()).into());
    };
    if asks_help(name) {
        println!("{}", overview());
        return Ok(());
    }
    let command = COMMANDS
        .iter()
        .find(|command| command.name == name)
        .ok_or_else(|| format!("there is no command {name}\n\n{}", overview()))?;
    // What follows `--` is for the program that the command runs.
    if rest.iter().take_while(|arg| *arg != "--").any(asks_help) {
        println!("{}", command.help.trim_end());
        return Ok(());
    }
    (command.run)(rest)
}

/// The list of commands.
fn overview() -> String {
    let mut text = String::from("usage: cargo xtask COMMAND [ARGS]\n\n");
    for command in COMMANDS {
        let summary = command.help.lines().next().unwrap_or_default();
        text.push_str(&format!("  {:<8} {summary}\n", command.name));
    }
    text.push_str("\n'cargo xtask COMMAND --help' tells more about one.");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn an_unknown_command_is_refused_with_the_list() {
        for line in ["", "nonsense", "nonsense --help"] {
            let error = dispatch(&args(line)).unwrap_err().to_string();
            assert!(error.contains("usage: cargo xtask"), "{error}");
        }
    }

    #[test]
    fn every_command_explains_itself() {
        for command in COMMANDS {
            let (summary, more) = command.help.split_once('\n').expect("more than a line");
            assert!(summary.len() < 100, "{}: {summary}", command.name);
            let usage = format!("usage: cargo xtask {}", command.name);
            assert!(more.contains(&usage), "{} lacks its usage", command.name);
            dispatch(&args(&format!("{} --help", command.name))).expect("help is printed");
        }
    }
}
