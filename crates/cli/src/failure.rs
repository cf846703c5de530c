use std::io;
use std::path::Path;
use std::process::ExitCode;

use crate::input;

/// How a command ends that could be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All is well.
    Done,
    /// Nothing matched, or something is not valid.
    No,
    /// Some input could not be read; what was wrong was told on standard error.
    Failed,
}

/// Why a command stops.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Standard output cannot be written to.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
    /// Input is wrong; says what and where.
    #[error("{0}")]
    Input(String),
}

impl Failure {
    /// Something is wrong with an input.
    pub(crate) fn input(path: &Path, what: impl std::fmt::Display) -> Self {
        Self::Input(format!("{}: {what}", input::name(path)))
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::No => 1,
            Exit::Failed => 2,
        })
    }
}
