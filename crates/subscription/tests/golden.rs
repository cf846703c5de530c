//! Agreement with the reference on chosen input: `golden/*.jsonl`, which `cargo xtask golden` writes.

use std::collections::BTreeSet;

use hat_event_subscription::*;
use hat_event_types::EventType;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The vectors of a file.
fn vectors<T: DeserializeOwned>(text: &str) -> Vec<T> {
    assert!(!text.is_empty());
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn sorted<'a>(query_types: impl IntoIterator<Item = &'a QueryType>) -> BTreeSet<&'a EventType> {
    query_types.into_iter().map(QueryType::as_event_type).collect()
}

fn subscription(query_types: &[EventType]) -> Subscription {
    Subscription::new(query_types.iter().cloned()).unwrap()
}

#[test]
fn matches() {
    #[derive(Deserialize)]
    struct Vector {
        query_type: EventType,
        matches: Vec<EventType>,
        misses: Vec<EventType>,
    }
    for Vector { query_type, matches, misses } in vectors(include_str!("golden/matches.jsonl")) {
        for event_type in &matches {
            assert!(matches_query_type(event_type, &query_type), "{event_type:?} and {query_type:?}");
        }
        for event_type in &misses {
            assert!(!matches_query_type(event_type, &query_type), "{event_type:?} and {query_type:?}");
        }
    }
}

#[test]
fn subscriptions() {
    #[derive(Deserialize)]
    struct Set {
        sanitized: BTreeSet<EventType>,
        matches: Vec<EventType>,
        misses: Vec<EventType>,
    }
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        query_types: Vec<EventType>,
        /// None if the query types are to be refused.
        #[serde(flatten)]
        set: Option<Set>,
    }
    for Vector { name, query_types, set } in vectors(include_str!("golden/subscriptions.jsonl")) {
        let subscription = Subscription::new(query_types);
        let Some(Set { sanitized, matches, misses }) = set else {
            assert!(subscription.is_err(), "{name}");
            continue;
        };
        let subscription = subscription.unwrap();
        assert_eq!(sorted(subscription.query_types()), sanitized.iter().collect(), "{name}");
        assert_eq!(subscription.query_types().len(), sanitized.len(), "{name}");
        assert!(matches.iter().all(|event_type| subscription.matches(event_type)), "{name}");
        assert!(!misses.iter().any(|event_type| subscription.matches(event_type)), "{name}");
    }
}

#[test]
fn operations() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        first: Vec<EventType>,
        second: Vec<EventType>,
        union: BTreeSet<EventType>,
        intersection: BTreeSet<EventType>,
        is_disjoint: bool,
    }
    for vector in vectors::<Vector>(include_str!("golden/operations.jsonl")) {
        let name = vector.name;
        let (first, second) = (subscription(&vector.first), subscription(&vector.second));
        assert_eq!(sorted(first.union(&second).query_types()), vector.union.iter().collect(), "{name}");
        assert_eq!(sorted(first.intersection(&second).query_types()), vector.intersection.iter().collect(), "{name}");
        assert_eq!(first.is_disjoint(&second), vector.is_disjoint, "{name}");
    }
}

#[test]
fn empty_intersections() {
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        first: Vec<EventType>,
        second: Vec<EventType>,
        is_disjoint: bool,
    }
    let all = subscription(&["*".parse().unwrap()]);
    for Vector { name, first, second, is_disjoint } in vectors(include_str!("golden/empty_intersections.jsonl")) {
        let empty = subscription(&first).intersection(&subscription(&second));
        assert_eq!(empty.is_disjoint(&all), is_disjoint, "{name}");
    }
}

#[test]
fn collections() {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Step {
        Add((String, Vec<EventType>, u32)),
        Get((String, EventType, BTreeSet<u32>)),
        Remove((String, u32)),
    }
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        steps: Vec<Step>,
    }
    for Vector { name, steps } in vectors(include_str!("golden/collections.jsonl")) {
        let mut list = ListEventTypeCollection::default();
        let mut tree = create_event_type_collection([]);
        for step in steps {
            match step {
                Step::Add((kind, query_types, value)) => {
                    assert_eq!(kind, "add");
                    list.add(&subscription(&query_types), value);
                    tree.add(&subscription(&query_types), value);
                }
                Step::Remove((kind, value)) => {
                    assert_eq!(kind, "remove");
                    list.remove(&value);
                    tree.remove(&value);
                }
                Step::Get((kind, event_type, values)) => {
                    assert_eq!(kind, "get");
                    for got in [list.get(&event_type), tree.get(&event_type)] {
                        assert_eq!(got.len(), values.len(), "{name}: {event_type:?}");
                        assert_eq!(got.into_iter().collect::<BTreeSet<_>>(), values.iter().collect(), "{name}");
                    }
                }
            }
        }
    }
}
