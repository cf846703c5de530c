//! The rules of matching one by one, and where they differ from the reference.

use hat_event_subscription::{
    EventTypeCollection, ListEventTypeCollection, QueryType, Subscription, TreeEventTypeCollection,
    create_event_type_collection, create_subscription, matches_query_type,
};
use hat_event_types::EventType;

fn t(joined: &str) -> EventType {
    joined.parse().unwrap()
}

fn sub(query_types: &[&str]) -> Subscription {
    Subscription::new(query_types.iter().map(|query_type| t(query_type))).unwrap()
}

fn texts(subscription: &Subscription) -> Vec<String> {
    subscription.query_types().iter().map(ToString::to_string).collect()
}

/// Of each rule, event types that match the query type and event types that do not.
#[test]
fn query_types_match_by_the_rules() {
    let rules: [(&str, &[&str], &[&str]); 11] = [
        // Without segments: only the event type without segments.
        ("", &[""], &["a", "/"]),
        // Other text matches itself, in order, and both end together.
        ("a", &["a"], &["", "b", "a/a", "A", "aa"]),
        ("a/b", &["a/b"], &["b/a", "a", "a/b/c", "ab"]),
        // `?` is exactly one segment, of any text.
        ("?", &["a", "?", "*", "ü"], &["", "a/b"]),
        ("?/?", &["a/b", "/"], &["a", "a/b/c"]),
        ("?/b", &["a/b", "b/b"], &["b", "a/a"]),
        // A last `*` is any number of segments, also none.
        ("*", &["", "a", "a/b", "*", "?/*"], &[]),
        ("a/*", &["a", "a/b", "a/b/c", "a/*"], &["", "b", "b/a"]),
        ("?/*", &["a", "a/b", "/"], &[""]),
        ("a/?/*", &["a/b", "a/b/c", "a/?"], &["a", "", "b/a"]),
        // Text that merely has a wildcard in it is text.
        ("a?/b*", &["a?/b*"], &["ab/b", "a?/bc"]),
    ];
    for (query_type, matching, others) in rules {
        for event_type in matching {
            assert!(matches_query_type(&t(event_type), &t(query_type)), "{event_type:?} matches {query_type:?}");
            assert!(sub(&[query_type]).matches(&t(event_type)), "{event_type:?} is in {query_type:?}");
        }
        for event_type in others {
            assert!(
                !matches_query_type(&t(event_type), &t(query_type)),
                "{event_type:?} does not match {query_type:?}"
            );
            assert!(!sub(&[query_type]).matches(&t(event_type)), "{event_type:?} is not in {query_type:?}");
        }
    }
}

#[test]
fn the_function_takes_any_segments() {
    // A `*` before the end is text.
    assert!(matches_query_type(&t("*/b"), &t("*/b")));
    assert!(!matches_query_type(&t("a/b"), &t("*/b")));
    assert!(matches_query_type(&t("*/b/c"), &t("*/?/*")));
    assert!(matches_query_type(&t("*"), &t("*/*")) && !matches_query_type(&t("a"), &t("*/*")));
}

#[test]
fn a_star_ends_a_query_type() {
    for (refused, position, message) in [
        ("*/a", 0, "query type */a: `*` stands before its end, as segment 1 of 2"),
        ("a/*/*", 1, "query type a/*/*: `*` stands before its end, as segment 2 of 3"),
    ] {
        let error = QueryType::new(t(refused)).unwrap_err();
        assert_eq!((error.position, &error.query_type), (position, &t(refused)));
        assert_eq!(error.to_string(), message);
        assert_eq!(refused.parse::<QueryType>().unwrap_err(), error);
    }
    let query_type = QueryType::try_from(t("a/?/*")).unwrap();
    assert_eq!((query_type.to_string(), query_type.as_event_type()), ("a/?/*".to_owned(), &t("a/?/*")));
    assert_eq!(EventType::from(query_type), t("a/?/*"));
}

/// The reference lets it pass where a `*` that came before hides it.
#[test]
fn a_star_ends_a_query_type_in_whatever_order_they_come() {
    for query_types in [["*", "a/*/b"], ["a/*/b", "*"], ["a/*", "a/*/b"]] {
        assert_eq!(create_subscription(query_types.map(t)).unwrap_err().position, 1);
    }
}

#[test]
fn query_types_are_sanitized() {
    for (given, kept) in [
        (vec![], vec![]),
        (vec!["a"], vec!["a"]),
        (vec!["a", "b", "a"], vec!["a", "b"]),
        // `*` absorbs what stands beside and below it, whichever came first.
        (vec!["a", "*"], vec!["*"]),
        (vec!["*", "", "a/b"], vec!["*"]),
        (vec!["a/b", "b", "a/?/c", "a/*", "a"], vec!["a/*", "b"]),
        (vec!["a/?/b", "?/a", "?/*", "a/?"], vec!["a/?", "a/?/b", "?/*"]),
        // `?` absorbs nothing, and neither does `*` elsewhere.
        (vec!["a/b", "a/?", "?/*"], vec!["a/b", "a/?", "?/*"]),
        // What begins alike is put together, the shortest first; otherwise the order stays.
        (vec!["b/a/a", "a", "b", "b/a"], vec!["b", "b/a", "b/a/a", "a"]),
        (vec!["?/b", "a/b", "?/a", ""], vec!["", "?/b", "?/a", "a/b"]),
        (vec!["c/a", "c/a/b/*", "c/a/b", "c/a/c"], vec!["c/a", "c/a/b/*", "c/a/c"]),
    ] {
        assert_eq!(texts(&sub(&given)), kept, "{given:?}");
    }
}

#[test]
fn union_has_what_either_has() {
    assert_eq!(texts(&sub(&["a/b", "c"]).union(&sub(&["a/c", "c", "d"]))), ["a/b", "a/c", "c", "d"]);
    assert_eq!(texts(&sub(&["a/b", "c"]).union(&sub(&["a/*"]))), ["a/*", "c"]);
    assert_eq!(texts(&sub(&["a"]).union(&Subscription::default())), ["a"]);
}

#[test]
fn intersection_has_what_both_have() {
    for (one, other, both) in [
        (vec!["a/b", "c"], vec!["a/b", "d"], vec!["a/b"]),
        (vec!["a/?"], vec!["?/b"], vec!["a/b"]),
        (vec!["?"], vec!["a", "?", "b"], vec!["a", "?", "b"]),
        (vec!["a/?/*"], vec!["?/b/?/*"], vec!["a/b/?/*"]),
        (vec!["*"], vec!["a/b", "c/*"], vec!["a/b", "c/*"]),
        (vec!["?/*"], vec!["", "a", "b/*"], vec!["a", "b/*"]),
        (vec!["?/b", "a/?"], vec!["a/?", "?/b"], vec!["a/b", "a/?", "?/b"]),
        (vec!["a"], vec!["a/b", "b", ""], vec![]),
        (vec![], vec!["*"], vec![]),
    ] {
        let (one, other, both) = (sub(&one), sub(&other), sub(&both));
        assert_eq!(one.intersection(&other), both, "{one:?} and {other:?}");
        assert_eq!(other.intersection(&one), both, "{other:?} and {one:?}");
        assert_eq!(one.is_disjoint(&other), both.query_types().is_empty(), "{one:?} and {other:?}");
    }
}

/// The reference loses it.
#[test]
fn intersection_keeps_the_type_that_ends_where_the_other_side_has_a_star() {
    assert_eq!(texts(&sub(&["a", "a/b"]).intersection(&sub(&["a/*"]))), ["a", "a/b"]);
    assert_eq!(texts(&sub(&["*"]).intersection(&sub(&[""]))), [""]);
}

/// The reference in C finds the first two to overlap, and the one in Python the last.
#[test]
fn only_what_has_an_event_type_in_common_overlaps() {
    assert!(sub(&["a"]).is_disjoint(&sub(&["a/b"])));
    assert!(sub(&["a/b"]).is_disjoint(&sub(&["a"])));
    let empty = sub(&["a/b"]).intersection(&sub(&["a/c"]));
    assert!(empty.is_disjoint(&sub(&["*"])) && sub(&["a/*"]).is_disjoint(&empty));
    assert!(!sub(&["a"]).is_disjoint(&sub(&["a/*"])));
}

#[test]
fn equality_is_that_of_sets() {
    for (one, other) in [
        (vec!["a", "b"], vec!["b", "a"]),
        (vec!["a/?", "a/b"], vec!["a/?"]),
        (vec!["?/*", "a/b/*"], vec!["?/*"]),
        // A `*` spelt out.
        (vec!["a", "a/?", "a/?/?/*"], vec!["a/*"]),
        (vec!["", "?/*"], vec!["*"]),
    ] {
        assert_eq!(sub(&one), sub(&other));
        assert_eq!(sub(&other), sub(&one));
    }
    for (one, other) in [
        (vec!["a"], vec![]),
        (vec!["a/?"], vec!["a/b"]),
        (vec!["a", "a/?/?/*"], vec!["a/*"]),
        (vec!["?/*"], vec!["*"]),
        (vec!["a", "a/b", "a/?/?/*"], vec!["a/*"]),
    ] {
        assert_ne!(sub(&one), sub(&other));
        assert_ne!(sub(&other), sub(&one));
    }
}

#[test]
fn event_types_with_wildcards_in_them_match_wildcards_only() {
    let subscription = sub(&["a/b", "?/c", "c/*", "d/?/?"]);
    for (event_type, matches) in
        [("a/?", false), ("?/c", true), ("*/c", true), ("c/*/?", true), ("d/?/*", true), ("*", false)]
    {
        assert_eq!(subscription.matches(&t(event_type)), matches, "{event_type}");
    }
}

fn check_collection(mut collection: impl EventTypeCollection<&'static str>) {
    let get = |collection: &dyn EventTypeCollection<&'static str>, event_type: &str| {
        let mut values: Vec<&str> = collection.get(&t(event_type)).into_iter().copied().collect();
        values.sort();
        values
    };
    collection.add(&sub(&["a/b", "a/?", "?/*"]), "one");
    collection.add(&sub(&["a/b"]), "two");
    collection.add(&sub(&[]), "none");
    assert_eq!(get(&collection, "a/b"), ["one", "two"]);
    assert_eq!(get(&collection, "c"), ["one"]);
    assert_eq!(get(&collection, ""), [""; 0]);

    // The reference's tree would stop at `a/b`, which is there already.
    collection.add(&sub(&["a/b", "c", ""]), "two");
    collection.add(&sub(&["", "d"]), "none");
    assert_eq!(get(&collection, "c"), ["one", "two"]);
    assert_eq!(get(&collection, ""), ["none", "two"]);

    collection.remove(&"one");
    collection.remove(&"unknown");
    assert_eq!(get(&collection, "a/b"), ["two"]);
    assert_eq!(get(&collection, "d"), ["none"]);
    collection.add(&sub(&["d"]), "one");
    assert_eq!(get(&collection, "a/b"), ["two"]);
    assert_eq!(get(&collection, "d"), ["none", "one"]);
}

#[test]
fn collections_widen_and_forget() {
    check_collection(ListEventTypeCollection::new());
    check_collection(TreeEventTypeCollection::new());
}

#[test]
fn collections_hold_what_they_were_made_of() {
    let items = || [(sub(&["a"]), 1), (sub(&["b"]), 2), (sub(&["?"]), 1)];
    let tree = create_event_type_collection(items());
    let list = ListEventTypeCollection::from_iter(items());
    for (event_type, values) in [("a", vec![&1]), ("b", vec![&1, &2]), ("", vec![])] {
        for mut found in [tree.get(&t(event_type)), list.get(&t(event_type))] {
            found.sort();
            assert_eq!(found, values, "{event_type}");
        }
    }
}
