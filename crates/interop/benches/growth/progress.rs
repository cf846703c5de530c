//! What is being measured and how far it is, on standard error.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar, or a line for each step where nobody sees bars.
pub(crate) struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub(crate) fn new(steps: usize) -> Self {
        let style = ProgressStyle::with_template("{elapsed_precise} {wide_bar} {pos}/{len} {msg}");
        let bar = ProgressBar::new(steps as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_secs(1));
        Self { bar }
    }

    /// Tells which step begins.
    pub(crate) fn step(&self, work: &str, size: usize, unit: &str, contestant: &str) {
        let step = format!("{work}: {contestant}, {size} {unit}");
        if self.bar.is_hidden() {
            let (position, all) = (self.bar.position() + 1, self.bar.length().unwrap_or_default());
            eprintln!("{} s, {position}/{all} {step}", self.bar.elapsed().as_secs());
        }
        self.bar.set_message(step);
        self.bar.inc(1);
    }
}
