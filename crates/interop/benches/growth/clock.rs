//! How long work takes: medians, so that an interruption of the process changes nothing.

use std::hint::black_box;
use std::time::{Duration, Instant};

use hat_event_common::EventType;

use crate::contestants::Contestant;

/// So many events are looked up in one sample.
const PIECE: usize = 1000;

/// The median of samples that are taken until `seconds` have passed; of at least one.
pub(crate) fn median(seconds: f64, mut sample: impl FnMut() -> f64) -> f64 {
    let begin = Instant::now();
    let mut samples = Vec::new();
    loop {
        samples.push(sample());
        if begin.elapsed().as_secs_f64() >= seconds {
            samples.sort_by(f64::total_cmp);
            return samples[samples.len() / 2];
        }
    }
}

/// The time of one run, and what it made.
pub(crate) fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let made = black_box(run());
    (start.elapsed().as_secs_f64(), made)
}

/// Seconds a run of something short.
pub(crate) fn a_run<T>(seconds: f64, mut run: impl FnMut() -> T) -> f64 {
    const SAMPLE: Duration = Duration::from_millis(1);
    let mut runs = 1u32;
    let mut sample = |runs: u32| timed(|| (0..runs).for_each(|_| drop(black_box(run())))).0;
    while sample(runs) < SAMPLE.as_secs_f64() {
        runs *= 2;
    }
    median(seconds, || sample(runs) / f64::from(runs))
}

/// Seconds an event that is looked up, of events in turn.
pub(crate) fn a_look_up(seconds: f64, contestant: &impl Contestant, event_types: &[EventType]) -> f64 {
    let mut pieces = event_types.chunks(PIECE).cycle();
    let mut sample = || {
        let piece = pieces.next().unwrap_or_default();
        timed(|| look_up(contestant, piece)).0 / piece.len() as f64
    };
    // What was just built is in a cache, and a processor learns.
    median(seconds / 5.0, &mut sample);
    median(seconds, sample)
}

/// The sum of what is found for event types.
pub(crate) fn look_up(contestant: &impl Contestant, event_types: &[EventType]) -> u64 {
    let mut sum = 0;
    for event_type in event_types {
        contestant.look_up(event_type, |value| sum += u64::from(value));
    }
    sum
}
