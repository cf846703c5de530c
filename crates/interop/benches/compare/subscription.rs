//! Subscriptions: all types of W1 are subscribed to and matched in order.

use hat_event_common::{EventType, Subscription};
use serde_json::json;

use crate::apart::builds;
use crate::contest::{CORE, Entry, HERE, REFERENCE, hold};
use crate::decoded::decoded;
use crate::peers::Contestant;
use crate::peers::floor::Floor;
use crate::port_subscription::Port;
use crate::reference::{Reference, lines};
use crate::table::Row;
use crate::w1::w1;
use crate::{Result, Step};

/// Subscriptions of so many types are also measured while they are made.
const BUILT: usize = 1_000_000;

pub(crate) fn steps() -> Vec<Step> {
    let mut steps = Vec::new();
    for segments in [1, 3, 5, 10] {
        for (count, types) in [(1, "1 type"), (100, "100 types"), (10_000, "10,000 types"), (BUILT, "1,000,000 types")]
        {
            let name = format!("subscription, W1, {segments} segment{}, {types}", if segments == 1 { "" } else { "s" });
            steps.push(Step::new(name, move |name, reference| step(name, segments, count, reference)));
        }
    }
    steps
}

fn step(name: &str, segments: u32, count: usize, reference: &Reference) -> Result<Vec<Row>> {
    let types = w1(segments, count);
    let matched = reference.load("subscription", json!({"types": lines(&types)}))?;
    let mut event_types = decoded(&types);
    drop(types);

    let subscription = Subscription::new(event_types.iter().cloned())?;
    let port = Port::new(&event_types);
    let floor = Floor::build(Floor::items(&event_types));
    let in_port = |event_type: &EventType| port.matches(&event_type.segments().collect::<Vec<_>>());
    let in_floor = |event_type: &EventType| {
        let mut found = false;
        floor.visit(event_type, &mut |_| found = true);
        found
    };
    let all = |matches: &dyn Fn(&EventType) -> bool| event_types.iter().all(matches);
    let is_same = matched == json!(count) && all(&|one| subscription.matches(one)) && all(&in_port) && all(&in_floor);
    if !is_same {
        return Err("not all contestants match all event types".into());
    }
    if count < 100 {
        event_types = event_types.iter().cycle().take(100).cloned().collect();
    }
    let matches = hold(vec![
        Entry::look_ups(HERE, &event_types, |event_type| subscription.matches(event_type).into()),
        reference.whole("matches"),
        reference.core("matches"),
        Entry::look_ups("port-fast", &event_types, |event_type| in_port(event_type).into()),
        Entry::look_ups("floor", &event_types, |event_type| in_floor(event_type).into()),
    ])?;
    let mut rows = vec![Row::times(format!("{name}: matches"), matches)];

    if count == BUILT {
        let workload = format!("W1 {segments}");
        let mut build = hold(vec![
            Entry::builds(HERE, &workload),
            reference.whole("build"),
            Entry::builds("port-fast", &workload),
        ])?;
        // It is one call, so the part in C is all of it.
        build.extend(build.iter().find(|(name, _)| name == REFERENCE).map(|(_, time)| (CORE.to_owned(), *time)));
        rows.push(Row::times(format!("{name}: build"), build));
    }
    Ok(rows)
}

/// Seconds a type that a contestant makes a subscription of, of as many segments as `size` says.
pub(crate) fn build(size: &str, contestant: &str) -> Result<f64> {
    let types = decoded(&w1(size.parse()?, BUILT));
    match contestant {
        HERE => Ok(builds(BUILT, || types.iter().cloned(), Subscription::new)),
        "port-fast" => Ok(builds(BUILT, || types.iter(), Port::new)),
        _ => Err(format!("{contestant} builds nothing").into()),
    }
}
