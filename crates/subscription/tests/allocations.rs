//! Matching allocates nothing where it says so.

use allocation_counter::measure;
use hat_event_subscription::{
    EventTypeCollection, ListEventTypeCollection, Subscription, TreeEventTypeCollection, matches_query_type,
};
use hat_event_types::EventType;

fn t(joined: &str) -> EventType {
    joined.parse().unwrap()
}

/// So many values, each with three query types that match `a/b/c`.
fn items(count: usize) -> impl Iterator<Item = (Subscription, usize)> {
    (0..count).map(|value| (Subscription::new([t("a/*"), t("a/?/c"), t("?/b/c")]).unwrap(), value))
}

fn allocations_of_a_visit(collection: &dyn EventTypeCollection<usize>, found: usize) -> u64 {
    let event_type = t("a/b/c");
    let mut visited = 0;
    let visit = measure(|| collection.visit(&event_type, &mut |_| visited += 1));
    assert_eq!(visited, found);
    visit.count_total
}

#[test]
fn visits_allocate_nothing() {
    for count in 0..=16 {
        assert_eq!(allocations_of_a_visit(&items(count).collect::<TreeEventTypeCollection<_>>(), count), 0);
    }
    assert_eq!(allocations_of_a_visit(&items(1000).collect::<ListEventTypeCollection<_>>(), 1000), 0);
    let single = (0..1000).map(|value| (Subscription::new([t("a/*")]).unwrap(), value));
    assert_eq!(allocations_of_a_visit(&single.collect::<TreeEventTypeCollection<_>>(), 1000), 0);
    // The set of those that were yielded.
    assert!(allocations_of_a_visit(&items(1000).collect::<TreeEventTypeCollection<_>>(), 1000) > 0);
}

#[test]
fn matches_allocate_nothing() {
    let (event_type, query_type) = (t("a/b/c/d"), t("a/?/c/*"));
    let many = (0..1000).map(|i| t(&format!("?/{i}/*"))).chain([query_type.clone()]);
    let subscription = Subscription::new(many).unwrap();
    let matching = measure(|| {
        assert!(subscription.matches(&event_type));
        assert!(matches_query_type(&event_type, &query_type));
    });
    assert_eq!(matching.count_total, 0);
}
