//! After the same changes, the tree finds what the list finds.

#![cfg_attr(fuzzing, no_main)]

use std::collections::BTreeSet;

use hat_event_subscription::{
    EventTypeCollection, ListEventTypeCollection, QueryType, Subscription, TreeEventTypeCollection,
};

// A line each: the first byte is what to do and the value, the others are the event type.
hat_event_fuzz::claim!(|data| {
    let (mut list, mut tree) = (ListEventTypeCollection::new(), TreeEventTypeCollection::new());
    for line in data.split(|byte| *byte == b'\n') {
        let Some((&byte, segments)) = line.split_first() else { continue };
        let value = byte / 4 % 8;
        for t in hat_event_fuzz::event_types(segments) {
            match byte % 4 {
                0 | 1 => {
                    let subscription = Subscription::from_iter(QueryType::new(t));
                    list.add(&subscription, value);
                    tree.add(&subscription, value);
                }
                2 => {
                    list.remove(&value);
                    tree.remove(&value);
                }
                _ => {
                    let found = tree.get(&t);
                    assert_eq!(BTreeSet::from_iter(list.get(&t)), BTreeSet::from_iter(found.iter().copied()), "{t:?}");
                    assert_eq!(found.len(), BTreeSet::from_iter(&found).len(), "{t:?} has a value twice");
                }
            }
        }
    }
});
