use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// Inputs that are read faster than that need no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar on standard error that shows how much of a file was read, once that takes its time.
pub(super) struct Progress {
    /// `None` if nobody would see it, or it would be in the way.
    bar: Option<Bar>,
}

struct Bar {
    begin: Instant,
    total: u64,
    done: u64,
    shown: Option<ProgressBar>,
}

impl Progress {
    /// Of a file whose size is known, while messages go elsewhere than to the terminal.
    pub(super) fn new(path: &Path, out: &Output) -> Self {
        let total = std::fs::metadata(path).ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len());
        let visible = io::stderr().is_terminal() && !out.is_terminal();
        let bar = total.filter(|_| visible);
        Self { bar: bar.map(|total| Bar { begin: Instant::now(), total, done: 0, shown: None }) }
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        let Some(bar) = &mut self.bar else { return };
        bar.done += bytes as u64;
        if bar.shown.is_none() && bar.begin.elapsed() >= PATIENCE {
            bar.shown = Some(ProgressBar::new(bar.total).with_style(style()));
        }
        if let Some(shown) = &bar.shown {
            shown.set_position(bar.done);
        }
    }

    /// Takes the bar away while something else is written to standard error.
    pub(super) fn hidden(&self, write: impl FnOnce()) {
        match self.bar.as_ref().and_then(|bar| bar.shown.as_ref()) {
            Some(shown) => shown.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(shown) = self.bar.as_ref().and_then(|bar| bar.shown.as_ref()) {
            shown.finish_and_clear();
        }
    }
}

fn style() -> ProgressStyle {
    let template = "{wide_bar} {bytes}/{total_bytes}, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
