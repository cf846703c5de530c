//! Random configurations of the backend.

use std::collections::BTreeSet;

use hat_event_common::{EventType, Subscription};
use hat_event_interop::Random;
use serde_json::{Value, json};

/// A configuration, without the path of its file. Nothing is written or removed but when it is asked for.
pub(super) fn random(random: &mut Random) -> Value {
    let mut conf = json!({
        "module": "hat.event.backends.lmdb",
        "identifier": if random.once_in(2) { json!("an \"identifier\"") } else { Value::Null },
        "flush_period": 3600,
        "cleanup_period": 3600,
        "conditions": random.list(2, |random| json!({"subscriptions": query_types(random), "condition": condition(random, 2)})),
        "latest": {"subscriptions": if random.once_in(3) { query_types(random) } else { json!([["*"]]) }},
    });
    change_timeseries(random, &mut conf);
    conf
}

/// Other partitions, and how much they answer.
pub(super) fn change_timeseries(random: &mut Random, conf: &mut Value) {
    conf["timeseries"] = random.list(4, partition).into();
    conf["timeseries_max_results"] = json!(1 + random.below(100));
}

fn partition(random: &mut Random) -> Value {
    let mut partition = json!({
        "order_by": random.pick(&["TIMESTAMP", "SOURCE_TIMESTAMP"]),
        "subscriptions": if random.once_in(2) { query_types(random) } else { json!([["*"]]) },
    });
    if random.once_in(3) {
        let mut limit = json!({});
        if random.once_in(2) {
            limit["min_entries"] = json!(random.below(300));
        }
        if random.once_in(2) {
            limit["max_entries"] = json!(random.below(500));
        }
        if random.once_in(2) {
            // In the middle between times of events, which are a thousand seconds apart.
            limit["duration"] = json!(1000.0 * random.below(1000) as f64 + 500.5);
        }
        partition["limit"] = limit;
    }
    partition
}

/// The subscriptions of the partitions, those that are one in the file only once.
pub(super) fn partitions(conf: &Value) -> Vec<Subscription> {
    let mut known = BTreeSet::new();
    let mut partitions = Vec::new();
    for partition in conf["timeseries"].as_array().unwrap() {
        let types = partition["subscriptions"].as_array().unwrap().iter();
        let types = types.map(|segments| {
            segments.as_array().unwrap().iter().map(|segment| segment.as_str().unwrap()).collect::<EventType>()
        });
        let subscription = Subscription::new(types).unwrap();
        let query_types: BTreeSet<_> = subscription.query_types().to_vec().into_iter().collect();
        if known.insert((partition["order_by"].to_string(), query_types)) {
            partitions.push(subscription);
        }
    }
    partitions
}

fn query_types(random: &mut Random) -> Value {
    random
        .list(3, |random| {
            let mut segments = random.list(3, |random| random.pick(&["a", "b", "c", "?", "\u{e9} \"/"]));
            if random.once_in(2) {
                segments.push("*");
            }
            json!(segments)
        })
        .into()
}

fn condition(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth > 0 { 4 } else { 2 }) {
        2 => json!({"type": "all", "conditions": random.list(2, |random| condition(random, depth - 1))}),
        3 => json!({"type": "any", "conditions": random.list(3, |random| condition(random, depth - 1))}),
        _ => {
            let mut condition = json!({"type": "json"});
            if random.once_in(2) {
                condition["data_path"] = path(random);
            }
            if random.once_in(2) {
                condition["data_type"] =
                    json!(random.pick(&["null", "boolean", "string", "number", "array", "object"]));
            }
            if random.once_in(3) {
                condition["data_value"] = super::history::json_value(random, 2);
            }
            condition
        }
    }
}

fn path(random: &mut Random) -> Value {
    match random.below(4) {
        0 => json!(random.pick(&["a", "b", ""])),
        1 => json!(random.below(5) as i64 - 2),
        _ => random.list(2, path).into(),
    }
}
