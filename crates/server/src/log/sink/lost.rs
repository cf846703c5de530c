use std::fmt::Display;
use std::io::Write;

use crate::log::error::LogError;

/// Counts what a handler could not write. Lines about lines could go round in circles, so they go to standard error.
#[derive(Debug)]
pub(super) struct Lost {
    handler: String,
    lines: u64,
}

impl Lost {
    pub(super) fn new(handler: &str) -> Self {
        Self { handler: handler.to_owned(), lines: 0 }
    }

    /// So many lines are lost.
    pub(super) fn count(&mut self, lines: u64, why: &dyn Display) {
        if self.lines == 0 {
            self.tell(format_args!("cannot write: {why}"));
        }
        self.lines = self.lines.saturating_add(lines.max(1));
    }

    /// Lines are written again.
    pub(super) fn over(&mut self) {
        if self.lines > 0 {
            self.tell(format_args!("writes again, {} log lines were lost", self.lines));
            self.lines = 0;
        }
    }

    pub(super) fn error(&self, what: impl Display, error: std::io::Error) -> LogError {
        LogError::Open { handler: self.handler.clone(), what: what.to_string(), error }
    }

    /// Something went wrong by which no line is lost.
    pub(super) fn tell(&self, what: std::fmt::Arguments<'_>) {
        let _ = writeln!(std::io::stderr(), "log handler {}: {what}", self.handler);
    }
}
