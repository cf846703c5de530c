use std::collections::HashMap;
use std::hash::Hash;

use hat_event_types::EventType;

use crate::{EventTypeCollection, Subscription};

/// A collection that asks the subscription of every value.
///
/// It is right for a handful of values, and the measure for [`TreeEventTypeCollection`](crate::TreeEventTypeCollection).
#[derive(Clone, Debug)]
pub struct ListEventTypeCollection<T> {
    subscriptions: HashMap<T, Subscription>,
}

impl<T> ListEventTypeCollection<T> {
    /// A collection without values.
    pub fn new() -> Self {
        Self { subscriptions: HashMap::new() }
    }
}

impl<T: Eq + Hash> EventTypeCollection<T> for ListEventTypeCollection<T> {
    fn add(&mut self, subscription: &Subscription, value: T) {
        let held = self.subscriptions.entry(value).or_default();
        *held = held.union(subscription);
    }

    fn remove(&mut self, value: &T) {
        self.subscriptions.remove(value);
    }

    fn visit<'a>(&'a self, event_type: &EventType, visit: &mut dyn FnMut(&'a T)) {
        self.subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.matches(event_type))
            .for_each(|(value, _)| visit(value));
    }
}

impl<T> Default for ListEventTypeCollection<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Eq + Hash> Extend<(Subscription, T)> for ListEventTypeCollection<T> {
    fn extend<I: IntoIterator<Item = (Subscription, T)>>(&mut self, items: I) {
        items.into_iter().for_each(|(subscription, value)| self.add(&subscription, value));
    }
}

impl<T: Eq + Hash> FromIterator<(Subscription, T)> for ListEventTypeCollection<T> {
    fn from_iter<I: IntoIterator<Item = (Subscription, T)>>(items: I) -> Self {
        let mut collection = Self::new();
        collection.extend(items);
        collection
    }
}
