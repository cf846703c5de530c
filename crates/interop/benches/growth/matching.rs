//! Measures one of the Rust contestants of matching.

use std::collections::HashSet;

use hat_event_common::EventType;

use crate::clock::{a_look_up, look_up, median, timed};
use crate::contestants::{Change, Contestant};
use crate::random::Random;
use crate::results::{Measured, measured};
use crate::workloads::Workload;

/// So many events are looked up for the check that all contestants find the same.
pub(crate) const CHECKED: usize = 10_000;

/// So many values are removed and added again in one sample.
const CHANGED: u64 = 1000;

/// Looking up event types.
pub(crate) fn look_ups<T: Contestant>(workload: &Workload, seconds: f64) -> Measured {
    look_ups_in(&T::build(&workload.query_types), workload, seconds)
}

fn look_ups_in(contestant: &impl Contestant, Workload { event_types, .. }: &Workload, seconds: f64) -> Measured {
    let checked = &event_types[..event_types.len().min(CHECKED)];
    let mut found = 0u32;
    checked.iter().for_each(|event_type| contestant.look_up(event_type, |_| found += 1));
    measured([
        ("look-up", a_look_up(seconds, contestant, event_types)),
        ("found", f64::from(found) / checked.len() as f64),
        ("check", look_up(contestant, checked) as f64),
    ])
}

/// Building, and looking up event types.
pub(crate) fn build<T: Contestant>(workload: &Workload, seconds: f64) -> Measured {
    build_and_keep::<T>(workload, seconds).0
}

fn build_and_keep<T: Contestant>(workload: &Workload, seconds: f64) -> (Measured, T) {
    let mut kept = None;
    let build = median(seconds, || {
        kept = None;
        let (time, built) = timed(|| T::build(&workload.query_types));
        kept = Some(built);
        time / workload.query_types.len() as f64
    });
    let built = kept.expect("it was built at least once");
    let mut measured = look_ups_in(&built, workload, seconds);
    measured.insert("build".to_owned(), build);
    (measured, built)
}

/// Building, looking up event types, removing and adding values.
pub(crate) fn change<T: Change>(workload: &Workload, seconds: f64) -> Measured {
    let (mut measured, mut built) = build_and_keep::<T>(workload, seconds);
    let query_types = &workload.query_types;
    let mut random = Random(11);
    let mut adding = Vec::new();
    let remove = median(seconds, || {
        let mut seen = HashSet::new();
        let values: Vec<u32> = (0..CHANGED).map(|_| random.below(query_types.len() as u64) as u32).collect();
        let values: Vec<u32> = values.into_iter().filter(|value| seen.insert(*value)).collect();
        let taken: Vec<(&EventType, u32)> =
            values.iter().map(|value| (&query_types[*value as usize], *value)).collect();
        let remove = timed(|| values.iter().for_each(|value| built.remove(*value))).0;
        let add = timed(|| taken.iter().for_each(|(query_type, value)| built.add(query_type, *value))).0;
        adding.push(add / values.len() as f64);
        remove / values.len() as f64
    });
    adding.sort_by(f64::total_cmp);
    measured.insert("remove".to_owned(), remove);
    measured.insert("add".to_owned(), adding[adding.len() / 2]);
    measured
}
