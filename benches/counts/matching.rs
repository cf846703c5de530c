//! Matching: subscriptions and the tree collection.
//!
//! Hashes are seeded at random, and what a look-up costs depends a little on them. So each piece has several structures,
//! each with seeds of its own.

use std::hint::black_box;

use hat_event_subscription::{EventTypeCollection, Subscription, TreeEventTypeCollection, matches_query_type};
use hat_event_types::EventType;

use crate::decoded::decoded;
use crate::w1::w1;
use crate::workloads::{self, Workload};
use crate::{Operation, Piece};

pub(crate) const OPERATIONS: &[Operation] = &[
    ("subscription/matches/exact", matches_exact),
    ("subscription/matches/wildcards", matches_wildcards),
    ("subscription/build", build),
    ("subscription/intersection", intersection),
    ("subscription/is-disjoint", is_disjoint),
    ("collection/get/w2", || get(workloads::w2())),
    ("collection/get/w3", || get(w3())),
    ("collection/get/w4-combinations-all", || get(w4("combinations-all"))),
    ("collection/get/w4-combinations-none", || get(w4("combinations-none"))),
    ("collection/remove-add/w3", remove_add),
    ("matches-query-type", matches_one),
];

/// So many structures with seeds of their own.
const SEEDS: usize = 4;

/// And so many where the seeds decide most: where each look-up takes many looks.
const MANY_SEEDS: usize = 16;

fn subscription(query_types: &[EventType]) -> Subscription {
    Subscription::new(query_types.iter().cloned()).expect("a final * at most")
}

fn tree(query_types: &[EventType]) -> TreeEventTypeCollection<u32> {
    query_types.iter().map(|query_type| subscription(std::slice::from_ref(query_type))).zip(0..).collect()
}

fn w3() -> Workload {
    workloads::w3(2_000)
}

fn w4(wanted: &str) -> Workload {
    let found = workloads::w4().into_iter().find(|(name, _)| *name == wanted);
    found.expect("a workload of this name").1
}

/// Matches each event type with each subscription.
fn matches(subscriptions: Vec<Subscription>, event_types: Vec<EventType>) -> Piece {
    Piece::new(subscriptions.len() * event_types.len(), move || {
        let matched = |subscription: &Subscription| event_types.iter().filter(|one| subscription.matches(one)).count();
        subscriptions.iter().map(matched).sum::<usize>()
    })
}

fn matches_exact() -> Piece {
    let event_types = decoded(&w1(10, 10_000));
    matches((0..SEEDS).map(|_| subscription(&event_types)).collect(), event_types)
}

fn matches_wildcards() -> Piece {
    let Workload { query_types, event_types } = w3();
    let subscriptions = (0..MANY_SEEDS).map(|_| subscription(&query_types[..2_000])).collect();
    matches(subscriptions, event_types[..500].to_vec())
}

fn build() -> Piece {
    let query_types = decoded(&w1(10, 10_000));
    Piece::new(query_types.len(), move || subscription(&query_types))
}

/// Both have wildcards, and much of both is in the result.
fn intersection() -> Piece {
    let Workload { query_types, .. } = w3();
    let (one, other) = (subscription(&query_types[..1_000]), subscription(&query_types[500..1_500]));
    Piece::new(1, move || one.intersection(&other))
}

/// They differ in the last segments, so that neither can be told from the other early.
fn is_disjoint() -> Piece {
    let all = w1(10, 2_000);
    let half = |start| subscription(&all.iter().skip(start).step_by(2).cloned().collect::<Vec<_>>());
    let (even, odd) = (half(0), half(1));
    Piece::new(1, move || assert!(even.is_disjoint(&odd)))
}

fn get(Workload { query_types, event_types }: Workload) -> Piece {
    let trees: Vec<_> = (0..SEEDS).map(|_| tree(&query_types)).collect();
    Piece::new(trees.len() * event_types.len(), move || {
        let mut sum = 0;
        for (tree, event_type) in trees.iter().flat_map(|tree| event_types.iter().map(move |one| (tree, one))) {
            tree.visit(event_type, &mut |value| sum += u64::from(*value));
        }
        sum
    })
}

fn remove_add() -> Piece {
    let Workload { query_types, .. } = w3();
    let mut tree = tree(&query_types);
    let changed: Vec<(Subscription, u32)> =
        query_types[..2_000].iter().map(|one| subscription(std::slice::from_ref(one))).zip(0..).collect();
    Piece::new(changed.len(), move || {
        for (subscription, value) in &changed {
            tree.remove(value);
            tree.add(subscription, *value);
        }
    })
}

/// Each event type against itself, with `?` in it, with `*` for its end, and against the next one.
fn matches_one() -> Piece {
    let event_types = w1(5, 1_000);
    let mut pairs = Vec::new();
    for (event_type, next) in event_types.iter().zip(event_types.iter().cycle().skip(1)) {
        let segments: Vec<&str> = event_type.segments().collect();
        let any = [&segments[..2], &["?"], &segments[3..]].concat().into();
        let rest = [&segments[..3], &["*"]].concat().into();
        pairs.extend([event_type.clone(), any, rest, next.clone()].map(|query_type| (event_type.clone(), query_type)));
    }
    Piece::new(pairs.len(), move || {
        pairs.iter().filter(|(event_type, query_type)| black_box(matches_query_type(event_type, query_type))).count()
    })
}
