//! Query types made to make matching deep, wide or slow. A test that takes minutes has failed.

use hat_event_subscription::{
    EventTypeCollection, ListEventTypeCollection, QueryType, Subscription, TreeEventTypeCollection,
};
use hat_event_types::EventType;

const MILLION: usize = 1_000_000;

fn sub<S: AsRef<str>>(query_types: impl IntoIterator<Item = Vec<S>>) -> Subscription {
    Subscription::new(query_types.into_iter().map(EventType::from)).unwrap()
}

/// All query types of `len` segments that are `segment` or `?`.
fn combinations(segment: &str, len: usize) -> impl Iterator<Item = Vec<&str>> {
    (0..1usize << len).map(move |bits| (0..len).map(|i| if bits >> i & 1 == 1 { "?" } else { segment }).collect())
}

#[test]
fn a_million_segments_work() {
    let mixed: Vec<&str> = ["a", "?"].into_iter().cycle().take(MILLION).collect();
    let event_type = EventType::from(&["a"; MILLION][..]);
    let longer: EventType = event_type.segments().chain(["b"]).collect();

    // With three short ones, so that they are looked up.
    let all = sub([vec!["b"], vec!["?", "b"], vec!["b", "*"], mixed]);
    assert!(all.matches(&event_type) && !all.matches(&longer) && !all.matches(&EventType::from(["a", "a"])));

    let mut tree = TreeEventTypeCollection::new();
    tree.add(&all, 1);
    assert_eq!((tree.get(&event_type), tree.get(&longer)), (vec![&1], vec![]));
    tree.remove(&1);
    assert!(tree.get(&event_type).is_empty());
}

#[test]
fn sets_of_long_query_types_work() {
    let len = MILLION / 10;
    let mixed: Vec<&str> = ["a", "?"].into_iter().cycle().take(len).collect();
    let shifted: Vec<&str> = ["?", "a"].into_iter().cycle().take(len).collect();
    let [mixed, shifted, literal, any] =
        [mixed, shifted, vec!["a"; len], vec!["?"; len]].map(|query_type| sub([query_type]));
    assert_eq!(mixed.intersection(&shifted), literal);
    assert_eq!(mixed.union(&shifted).union(&any), any);
    assert!(!any.is_disjoint(&sub([vec!["*"]])) && any.is_disjoint(&sub([vec!["?"; len + 1]])));
}

#[test]
fn a_wildcard_in_every_combination_of_places() {
    let query_types: Vec<Vec<&str>> = combinations("a", 12).collect();
    let all = sub(query_types.clone());
    assert_eq!(all.query_types().len(), 1 << 12);
    let mut tree = TreeEventTypeCollection::new();
    for (i, query_type) in query_types.into_iter().enumerate() {
        tree.add(&sub([query_type]), i);
    }
    let mut segments = ["a"; 12];
    assert_eq!(tree.get(&EventType::from(&segments[..])).len(), 1 << 12);
    segments[3] = "b";
    segments[7] = "b";
    let two_others = EventType::from(&segments[..]);
    assert_eq!(tree.get(&two_others).len(), 1 << 10);
    assert!(all.matches(&two_others));
    for i in 0..1 << 12 {
        tree.remove(&i);
    }
    assert!(tree.get(&two_others).is_empty());
}

#[test]
fn a_value_with_ten_thousand_matching_query_types_is_found_once() {
    let mut tree = TreeEventTypeCollection::new();
    let query_types = || combinations("a", 14).take(10_000);
    tree.add(&sub(query_types()), "all");
    for (i, query_type) in query_types().enumerate().take(100) {
        tree.add(&sub([query_type, vec!["b"]]), if i % 2 == 0 { "even" } else { "odd" });
    }
    let mut values = tree.get(&EventType::from(&["a"; 14][..]));
    values.sort();
    assert_eq!(values, [&"all", &"even", &"odd"]);
}

#[test]
fn many_values_under_one_query_type_come_and_go() {
    let mut tree = TreeEventTypeCollection::new();
    let (all, more) = (sub([vec!["*"]]), sub([vec!["*"], vec!["a", "b"]]));
    for value in 0..50_000 {
        tree.add(&all, value);
    }
    for value in 0..50_000 {
        tree.add(&more, value);
    }
    let mut values = tree.get(&EventType::from(["a", "b"]));
    values.sort();
    assert!(values.into_iter().copied().eq(0..50_000));
    for value in 0..50_000 {
        tree.remove(&value);
    }
    assert!(tree.get(&EventType::from(["a", "b"])).is_empty());
}

#[test]
fn long_common_beginnings_and_long_segments() {
    let long = "x".repeat(4096);
    let common = vec![long.as_str(); 254];
    let numbers: Vec<String> = (0..200).map(|i| i.to_string()).collect();
    let ending = |last: &'static str| -> Vec<&str> { common.iter().copied().chain([last]).collect() };
    let mut query_types: Vec<Vec<&str>> =
        numbers.iter().map(|number| common.iter().copied().chain([number.as_str()]).collect()).collect();
    query_types.extend([ending("?"), ending("*")]);
    let closed = sub(query_types[..201].to_vec());
    assert_eq!(closed.query_types().len(), 201);
    assert!(closed.matches(&EventType::from(ending("7"))) && !closed.matches(&EventType::from(&common[..])));
    assert_eq!(sub(query_types).query_types(), [QueryType::new(ending("*").into()).unwrap()]);
}

#[test]
fn the_same_again_and_again_is_there_once() {
    let all = sub(vec![vec!["a", "b"]; MILLION / 2].into_iter().chain(vec![vec!["?", "b"]; MILLION / 2]));
    assert_eq!(all.query_types().len(), 2);
    let mut list = ListEventTypeCollection::new();
    let few = sub(["a", "b", "c", "d"].map(|segment| vec![segment]));
    (0..10_000).for_each(|_| list.add(&few, 1));
    assert_eq!(list.get(&EventType::from(["c"])), [&1]);
}

#[test]
fn a_collection_that_is_extended_one_by_one_moves_little() {
    let mut tree = TreeEventTypeCollection::new();
    for value in 0..100_000 {
        tree.extend([(sub([vec![&*value.to_string()]]), value)]);
    }
    assert_eq!(tree.get(&EventType::from(["77777"])), [&77777]);
}
