//! Random configurations.

use hat_event_common::{EventType, OrderBy, QueryType, Subscription};
use hat_event_interop::Random;
use serde_json::{Value, json};

use super::history::SEGMENTS;

/// Everything kept, and nothing done but when it is asked for.
pub(super) fn whole() -> Value {
    json!({
        "module": "hat.event.backends.lmdb",
        "identifier": null,
        "flush_period": 1e6,
        "cleanup_period": 1e6,
        "conditions": [],
        "latest": {"subscriptions": [["*"]]},
        "timeseries": [
            {"order_by": "TIMESTAMP", "subscriptions": [["*"]]},
            {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["*"]]},
        ],
    })
}

pub(super) fn conf(random: &mut Random) -> Value {
    let mut conf = whole();
    conf["identifier"] = "the same".into();
    conf["conditions"] = conditions(random);
    conf["latest"] = json!({"subscriptions": subscriptions(random)});
    conf["timeseries"] = (0..2 + random.below(4)).map(|_| partition(random)).collect();
    if random.once_in(4) {
        // To the reference, a key without a meaning.
        conf["durability"] = "flushed".into();
    }
    if random.once_in(2) {
        conf["timeseries_max_results"] = random.pick(&[3, 50, 1_000]).into();
    }
    if random.once_in(3) {
        conf["timeseries_event_type_cache_size"] = random.pick(&[0, 1, 7]).into();
    }
    conf
}

fn partition(random: &mut Random) -> Value {
    let order_by = random.pick(&["TIMESTAMP", "SOURCE_TIMESTAMP"]);
    json!({"order_by": order_by, "subscriptions": subscriptions(random)})
}

fn subscriptions(random: &mut Random) -> Value {
    if random.once_in(3) {
        return json!([["*"]]);
    }
    random.list(3, query_type).iter().map(|query_type| query_type.to_vec()).collect()
}

/// Segments of a query type; a `*` is the last.
pub(super) fn query_type(random: &mut Random) -> Vec<&'static str> {
    let mut query_type = random.list(3, |random| if random.once_in(4) { "?" } else { random.pick(&SEGMENTS) });
    if random.once_in(2) {
        query_type.push("*");
    }
    query_type
}

pub(super) fn conditions(random: &mut Random) -> Value {
    conditions_on(random, query_type)
}

/// Conditions that a whole history has to meet. They ask for one of two segments, the first or the one after `?`, so that whatever
/// they demand leaves other events to be kept.
pub(super) fn lasting_conditions(random: &mut Random) -> Value {
    conditions_on(random, |random| {
        let begin = if random.once_in(2) { vec!["?"] } else { Vec::new() };
        [begin, vec![random.pick(&["a", "b"])], query_type(random)].concat()
    })
}

fn conditions_on(random: &mut Random, query_type: fn(&mut Random) -> Vec<&'static str>) -> Value {
    let one = |random: &mut Random| {
        let query_types = random.list(2, query_type);
        json!({"subscriptions": query_types, "condition": condition(random, 2)})
    };
    random.list(2, one).into()
}

fn condition(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 2 } else { 4 }) {
        2 => json!({"type": "all", "conditions": random.list(2, |random| condition(random, depth - 1))}),
        3 => json!({"type": "any", "conditions": random.list(4, |random| condition(random, depth - 1))}),
        _ => {
            let mut condition = json!({"type": "json"});
            if random.once_in(2) {
                let paths =
                    json!([[], "a", ["a"], ["a", 0], ["b", "c"], [-1], 0, [["a"], [[1]]], ["a", -1], ["", "b"]]);
                condition["data_path"] = paths[random.below(10)].clone();
            }
            if random.once_in(2) {
                condition["data_type"] =
                    random.pick(&["null", "boolean", "string", "number", "array", "object"]).into();
            }
            if random.once_in(3) {
                condition["data_value"] = small_value(random, 1);
            }
            condition
        }
    }
}

/// A value that another is often equal to, by the rules of Python.
pub(super) fn small_value(random: &mut Random, depth: usize) -> Value {
    match random.below(if depth == 0 { 8 } else { 10 }) {
        0 => Value::Null,
        1 => random.once_in(2).into(),
        2 => random.pick(&[0, 1, -1]).into(),
        3 => random.pick(&[0.0, -0.0, 1.0, 0.5]).into(),
        4 => random.pick(&["", "a", "1"]).into(),
        5 => json!([]),
        6 => json!({}),
        7 => random.pick(&[u64::MAX, 1 << 53, (1 << 53) + 1]).into(),
        8 => random.list(3, |random| small_value(random, depth - 1)).into(),
        _ => {
            let members = random.list(3, |random| (random.pick(&["a", "b", "c", ""]), small_value(random, depth - 1)));
            members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
        }
    }
}

/// The places of partitions, for those who ask which one answers.
pub(super) struct Partitions(Vec<(OrderBy, Subscription)>);

impl Partitions {
    pub(super) fn of(conf: &Value) -> Self {
        let mut partitions: Vec<(OrderBy, Subscription)> = Vec::new();
        for conf in conf["timeseries"].as_array().unwrap() {
            let is_by_time = conf["order_by"] == "TIMESTAMP";
            let order_by = if is_by_time { OrderBy::Timestamp } else { OrderBy::SourceTimestamp };
            let query_types: Vec<Vec<String>> = serde_json::from_value(conf["subscriptions"].clone()).unwrap();
            let subscription = Subscription::new(query_types.into_iter().map(EventType::from)).unwrap();
            let one = (order_by, subscription);
            if !partitions.iter().any(|known| known.0 == one.0 && sorted(&known.1) == sorted(&one.1)) {
                partitions.push(one);
            }
        }
        Self(partitions)
    }

    /// The first that orders so and may have events of these types.
    pub(super) fn answering(&self, order_by: OrderBy, query_types: Option<&[EventType]>) -> Option<usize> {
        let asked = query_types.map(|query_types| Subscription::new(query_types.iter().cloned()).unwrap());
        let may_have = |has: &Subscription| asked.as_ref().is_none_or(|asked| !asked.is_disjoint(has));
        self.0.iter().position(|(by, has)| *by == order_by && may_have(has))
    }
}

fn sorted(subscription: &Subscription) -> Vec<Vec<String>> {
    let segments = |query_type: &QueryType| query_type.as_event_type().segments().map(str::to_owned).collect();
    let mut query_types: Vec<_> = subscription.query_types().iter().map(segments).collect();
    query_types.sort();
    query_types
}
