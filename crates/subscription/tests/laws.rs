//! Laws of sets and of collections, over an alphabet so small that everything meets everything.

use std::collections::BTreeSet;

use hat_event_subscription::{
    EventTypeCollection, ListEventTypeCollection, QueryType, Subscription, TreeEventTypeCollection, matches_query_type,
};
use hat_event_types::EventType;
use proptest::collection::vec;
use proptest::prelude::*;

/// Longer than any query type, so that what `*` stands for is in each of [`all_event_types`]' lengths.
const LONGEST: usize = 5;

fn event_type() -> impl Strategy<Value = EventType> {
    vec(prop::sample::select(vec!["a", "b", "c", "?", "*"]), 0..=LONGEST).prop_map(EventType::from)
}

fn query_type() -> impl Strategy<Value = QueryType> {
    let segments = vec(prop::sample::select(vec!["a", "b", "?"]), 0..LONGEST);
    (segments, prop::bool::weighted(0.3)).prop_map(|(mut segments, open)| {
        segments.extend(open.then_some("*"));
        QueryType::new(segments.into()).unwrap()
    })
}

/// Of sizes on both sides of where a subscription begins to have an index.
fn subscription() -> impl Strategy<Value = Subscription> {
    vec(query_type(), 0..9).prop_map(Subscription::from_iter)
}

/// All event types of up to [`LONGEST`] segments of `a`, `b` and `c`, the last of which no query type names.
fn all_event_types() -> Vec<EventType> {
    let mut all: Vec<Vec<&str>> = vec![vec![]];
    let mut done = 0;
    for _ in 0..LONGEST {
        let longer: Vec<Vec<&str>> =
            all[done..].iter().flat_map(|short| ["a", "b", "c"].map(|s| [&short[..], &[s]].concat())).collect();
        done = all.len();
        all.extend(longer);
    }
    all.into_iter().map(EventType::from).collect()
}

fn members(subscription: &Subscription, of: &[EventType]) -> Vec<bool> {
    of.iter().map(|event_type| subscription.matches(event_type)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_subscription_is_what_its_query_types_match(query_types in vec(query_type(), 0..12), t in event_type()) {
        let any = query_types.iter().any(|query_type| matches_query_type(&t, query_type.as_event_type()));
        let subscription = Subscription::from_iter(query_types);
        prop_assert_eq!(subscription.matches(&t), any);
        prop_assert_eq!(subscription.query_types().iter().any(|query_type| query_type.matches(&t)), any);
    }

    #[test]
    fn order_does_not_matter(query_types in vec(query_type(), 0..12).prop_shuffle(), t in event_type()) {
        let one = Subscription::from_iter(query_types.clone());
        let other = Subscription::from_iter(query_types.into_iter().rev());
        let sorted = |subscription: &Subscription| subscription.query_types().iter().cloned().collect::<BTreeSet<_>>();
        prop_assert_eq!(sorted(&one), sorted(&other));
        prop_assert_eq!(one.matches(&t), other.matches(&t));
        prop_assert_eq!(one, other);
    }

    #[test]
    fn sanitizing_again_changes_nothing(a in subscription()) {
        let again = Subscription::from_iter(a.query_types().iter().cloned());
        prop_assert_eq!(a.query_types(), again.query_types());
    }

    #[test]
    fn operations_are_those_of_sets(a in subscription(), b in subscription(), t in event_type()) {
        let (union, intersection) = (a.union(&b), a.intersection(&b));
        prop_assert_eq!(union.matches(&t), a.matches(&t) || b.matches(&t));
        prop_assert_eq!(intersection.matches(&t), a.matches(&t) && b.matches(&t));
        prop_assert_eq!(a.is_disjoint(&b), intersection.query_types().is_empty());
    }

    #[test]
    fn operations_obey_the_laws_of_sets(a in subscription(), b in subscription(), c in subscription()) {
        prop_assert_eq!(a.intersection(&b), b.intersection(&a));
        prop_assert_eq!(a.union(&b), b.union(&a));
        prop_assert_eq!(a.intersection(&a), a.clone());
        prop_assert_eq!(a.intersection(&b).intersection(&c), a.intersection(&b.intersection(&c)));
        prop_assert_eq!(a.intersection(&b.union(&c)), a.intersection(&b).union(&a.intersection(&c)));
        prop_assert_eq!(a.intersection(&a.union(&b)), a);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50))]

    /// So many that the index looks at what stands before a `?` before it goes on.
    #[test]
    fn many_shapes_are_found(
        mut query_types in vec(query_type(), 30..120), removed in vec(any::<bool>(), 120), probes in vec(event_type(), 30),
    ) {
        let mut tree = TreeEventTypeCollection::new();
        for (i, query_type) in query_types.iter().enumerate() {
            tree.add(&query_type.clone().into(), i);
        }
        let mut i = 0;
        query_types.retain(|_| {
            i += 1;
            if removed[i - 1] {
                tree.remove(&(i - 1));
            }
            !removed[i - 1]
        });
        let subscription = Subscription::from_iter(query_types.clone());
        for t in &probes {
            let count = query_types.iter().filter(|query_type| query_type.matches(t)).count();
            prop_assert_eq!(tree.get(t).len(), count, "{}", t);
            prop_assert_eq!(subscription.matches(t), count > 0, "{}", t);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn whole_sets_agree(a in subscription(), b in subscription()) {
        let all = all_event_types();
        let (in_a, in_b) = (members(&a, &all), members(&b, &all));
        let both: Vec<bool> = in_a.iter().zip(&in_b).map(|(a, b)| *a && *b).collect();
        prop_assert_eq!(a.is_disjoint(&b), !both.contains(&true));
        prop_assert_eq!(b.is_disjoint(&a), !both.contains(&true));
        prop_assert_eq!(members(&a.intersection(&b), &all), both);
        // Only where `c`, which none of the query types names, stands for all other text.
        prop_assert_eq!(a == b, in_a == in_b);
        prop_assert_eq!(b == a, in_a == in_b);
    }

    #[test]
    fn the_tree_is_the_list(steps in vec((any::<bool>(), subscription(), 0..6u8), 0..40), probes in vec(event_type(), 1..10)) {
        let mut tree = TreeEventTypeCollection::new();
        let mut list = ListEventTypeCollection::new();
        for (add, subscription, value) in steps {
            for collection in [&mut tree as &mut dyn EventTypeCollection<u8>, &mut list] {
                if add {
                    collection.add(&subscription, value);
                } else {
                    collection.remove(&value);
                }
            }
            for t in &probes {
                let [mut found, mut expected] = [tree.get(t), list.get(t)];
                found.sort();
                expected.sort();
                prop_assert_eq!(found, expected, "{}", t);
            }
        }
    }
}
