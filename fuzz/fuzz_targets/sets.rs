//! Union, intersection and disjointness of subscriptions are those of the sets of event types that they match.

#![cfg_attr(fuzzing, no_main)]

use hat_event_subscription::{QueryType, Subscription};

// The first two lines count, by their lengths, the query types of the two subscriptions.
hat_event_fuzz::claim!(|data| {
    let mut types = hat_event_fuzz::event_types(data);
    if types.len() < 2 {
        return;
    }
    let counts = [types.remove(0).len(), types.remove(0).len()];
    let [a, b] = counts.map(|count| {
        let query_types = types.drain(..count.min(types.len()));
        query_types.filter_map(|t| QueryType::new(t).ok()).collect::<Subscription>()
    });
    let (union, intersection) = (a.union(&b), a.intersection(&b));
    assert_eq!(a.is_disjoint(&b), intersection.query_types().is_empty());
    assert!(union == b.union(&a) && intersection == b.intersection(&a));
    for t in &types {
        assert!(a != b || a.matches(t) == b.matches(t), "{t:?}");
        assert_eq!(union.matches(t), a.matches(t) || b.matches(t), "{t:?}");
        assert_eq!(intersection.matches(t), a.matches(t) && b.matches(t), "{t:?}");
    }
});
