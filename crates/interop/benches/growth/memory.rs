//! Which sizes fit into the memory of the machine.

use std::collections::BTreeMap;

use crate::results::Measured;

/// So much of the memory that is free may be taken: others may need some, and a guess may be wrong.
const SHARE: f64 = 0.6;

/// The most memory that each contestant had at its largest size so far.
#[derive(Default)]
pub(crate) struct Memory {
    peaks: BTreeMap<String, (usize, f64)>,
}

impl Memory {
    pub(crate) fn note(&mut self, contestant: &str, size: usize, measured: &Measured) {
        if let Some(peak) = measured.get("peak") {
            self.peaks.insert(contestant.to_owned(), (size, *peak));
        }
    }

    /// The bytes that a contestant is going to need at a size, if that is too much.
    pub(crate) fn lacks(&self, contestant: &str, size: usize) -> Option<f64> {
        let (before, peak) = self.peaks.get(contestant)?;
        let needs = peak * size as f64 / (*before).max(1) as f64;
        let available = number("/proc/meminfo", "MemAvailable:")?;
        (needs > available * SHARE).then_some(needs)
    }
}

/// The most memory that this process had, in bytes, where the system tells.
pub(crate) fn peak() -> Option<f64> {
    number("/proc/self/status", "VmHWM:")
}

/// A number of kibibytes in a file of lines with names.
fn number(path: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(path).ok()?;
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: f64 = rest.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kibibytes * 1024.0)
}
