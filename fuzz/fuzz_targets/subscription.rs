//! A subscription is made unless a `*` is not last, and matches what one of its query types does.

#![cfg_attr(fuzzing, no_main)]

use hat_event_subscription::{Subscription, matches_query_type};

// The first line counts, by its length, the query types among the others.
hat_event_fuzz::claim!(|data| {
    let mut query_types = hat_event_fuzz::event_types(data);
    let count = query_types.remove(0).len();
    let event_types = query_types.split_off(count.min(query_types.len()));
    let early_star = |t: &_| Vec::from_iter(t).split_last().is_some_and(|(_, before)| before.contains(&"*"));
    let subscription = Subscription::new(query_types.clone());
    assert_eq!(subscription.is_err(), query_types.iter().any(early_star));
    let Ok(subscription) = subscription else { return };
    let sanitized = Subscription::from_iter(subscription.query_types().iter().cloned());
    for t in &event_types {
        let matches = query_types.iter().any(|query_type| matches_query_type(t, query_type));
        assert_eq!(subscription.matches(t), matches, "{t:?}");
        assert_eq!(sanitized.matches(t), matches, "{t:?} by the sanitized query types");
    }
});
