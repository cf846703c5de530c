//! Measures contestants in turn.

use std::hint::black_box;
use std::time::{Duration, Instant};

use crate::Result;
use crate::apart::Apart;

/// This project.
pub(crate) const HERE: &str = "here";
/// The reference as a user of Python has it, with its parts in C.
pub(crate) const REFERENCE: &str = "reference";
/// Those parts in C without the calls from Python.
pub(crate) const CORE: &str = "reference without calls";

/// Not a contestant, but what there is to do.
pub(crate) const TOUCHED: &str = "what is touched";

/// How often each contestant is measured, and how often at least if that takes longer than [`PATIENCE`]. Many short rounds,
/// so that what else goes on disturbs all contestants alike.
const ROUNDS: usize = 21;
const ROUNDS_AT_LEAST: usize = 3;
const PATIENCE: Duration = Duration::from_secs(12);

/// How long one measurement takes, in seconds, unless a single run takes longer.
pub(crate) const SECONDS: f64 = 0.04;

/// So many events are looked up in one piece.
const PIECE: usize = 1000;

/// What each contestant has, this project first.
pub(crate) type Measured = Vec<(String, f64)>;

/// A contestant: its name, and what measures it once and returns seconds.
pub(crate) struct Entry<'a> {
    pub(crate) name: &'static str,
    measure: Box<dyn FnMut() -> Result<f64> + 'a>,
}

impl<'a> Entry<'a> {
    pub(crate) fn new(name: &'static str, measure: impl FnMut() -> Result<f64> + 'a) -> Self {
        Self { name, measure: Box::new(measure) }
    }

    /// Seconds a run.
    pub(crate) fn runs<T>(name: &'static str, mut run: impl FnMut() -> T + 'a) -> Self {
        Self::new(name, move || {
            Ok(repeated(|| {
                black_box(run());
                1
            }))
        })
    }

    /// Seconds a key that is looked up, of [`PIECE`] keys after the other in turn.
    pub(crate) fn look_ups<K>(name: &'static str, keys: &'a [K], mut look_up: impl FnMut(&K) -> u64 + 'a) -> Self {
        let mut pieces = keys.chunks(PIECE).cycle();
        Self::new(name, move || {
            Ok(repeated(|| {
                let piece = pieces.next().unwrap_or_default();
                black_box(piece.iter().map(&mut look_up).fold(0, u64::wrapping_add));
                piece.len()
            }))
        })
    }

    /// Seconds an item that something is built of, by a contestant that [`crate::build`] knows by this name.
    pub(crate) fn builds(name: &'static str, workload: &'a str) -> Self {
        Self::new(name, move || Ok(Apart::Build(workload.to_owned(), name.to_owned()).run()?.trim().parse()?))
    }
}

/// Seconds, and what was made.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let made = black_box(run());
    (start.elapsed().as_secs_f64(), made)
}

/// The median of what each contestant takes in seconds, all of them measured in turn.
pub(crate) fn hold(entries: Vec<Entry<'_>>) -> Result<Measured> {
    hold_for(ROUNDS, entries)
}

/// The same, with so many rounds at most.
pub(crate) fn hold_for(rounds: usize, mut entries: Vec<Entry<'_>>) -> Result<Measured> {
    let start = Instant::now();
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); entries.len()];
    for round in 0..rounds {
        if round >= ROUNDS_AT_LEAST && start.elapsed() > PATIENCE {
            break;
        }
        for (Entry { measure, .. }, times) in entries.iter_mut().zip(&mut times) {
            times.push(measure()?);
        }
    }
    Ok(entries.iter().map(|entry| entry.name.to_owned()).zip(times.into_iter().map(median)).collect())
}

/// Seconds an item, of as many runs as take about [`SECONDS`]; a run returns how many items it was.
fn repeated(mut run: impl FnMut() -> usize) -> f64 {
    let mut runs = 1u32;
    loop {
        let (taken, items) = timed(|| (0..runs).map(|_| run()).sum::<usize>());
        if taken >= SECONDS / 2.0 {
            return taken / items as f64;
        }
        let wanted = f64::from(runs) * SECONDS / taken.max(1e-9);
        runs = runs.saturating_mul(2).max(wanted as u32);
    }
}

pub(crate) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
