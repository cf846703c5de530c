use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Cli;
use crate::failure::{Exit, Failure};
use crate::output::Output;

const EXAMPLES: &str = "\
Examples:
  hat-event completions bash > ~/.local/share/bash-completion/completions/hat-event
  hat-event completions zsh > ~/.zfunc/_hat-event
  hat-event completions fish > ~/.config/fish/completions/hat-event.fish";

/// Prints a script that completes commands and options in a shell.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    // Written at once: the generator panics where it cannot write.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "hat-event", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Done)
}
