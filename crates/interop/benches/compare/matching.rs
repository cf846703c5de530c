use std::error::Error;

use hat_event_common::{EventType, EventTypeCollection, QueryType, Subscription, TreeEventTypeCollection};
use serde_json::json;

use crate::contest::Contests;
use crate::decoded::decoded;
use crate::w1::w1;
use crate::workloads::{Workload, w2, w3, w4};

/// Subscriptions and collections.
pub(crate) fn hold(contests: &mut Contests) -> Result<(), Box<dyn Error>> {
    for (count, segments) in [1, 100, 10_000].iter().flat_map(|count| [1, 3, 5, 10].map(|segments| (*count, segments)))
    {
        let name = format!("subscription, W1, {count} types of {segments} segments");
        if contests.wants(&name) {
            matches(contests, name, &w1(segments, count))?;
        }
    }
    if contests.wants("collection, W2") {
        get(contests, "collection, W2".to_owned(), &w2())?;
    }
    if contests.wants("collection, W3") {
        get(contests, "collection, W3".to_owned(), &w3(20_000))?;
    }
    for (name, workload) in w4() {
        let name = format!("collection, W4, {name}");
        if contests.wants(&name) {
            get(contests, name, &workload)?;
        }
    }
    Ok(())
}

/// All types are subscribed to and matched in order.
fn matches(contests: &mut Contests, name: String, types: &[EventType]) -> Result<(), Box<dyn Error>> {
    let subscription = Subscription::new(types.iter().cloned())?;
    let event_types = decoded(types);
    let run = || event_types.iter().filter(|event_type| subscription.matches(event_type)).count();
    let workload = json!({"query_types": types, "event_types": types});
    contests.hold(name, "matches", workload, &json!(run()), run)
}

/// Each query type has its position as value; those found are added up.
fn get(contests: &mut Contests, name: String, workload: &Workload) -> Result<(), Box<dyn Error>> {
    let Workload { query_types, event_types } = workload;
    let mut tree = TreeEventTypeCollection::default();
    for (query_type, value) in query_types.iter().zip(0u64..) {
        tree.add(&Subscription::from(QueryType::new(query_type.clone())?), value);
    }
    let run = || {
        let mut found = 0;
        for event_type in event_types {
            tree.visit(event_type, &mut |value| found += value);
        }
        found
    };
    let workload = json!({"query_types": query_types, "event_types": event_types});
    contests.hold(name, "get", workload, &json!(run()), run)
}
