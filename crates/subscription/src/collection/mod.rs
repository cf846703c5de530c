mod holders;
mod list;
mod seen;
mod tree;

use std::hash::Hash;

use hat_event_types::EventType;

pub use self::list::ListEventTypeCollection;
pub use self::tree::TreeEventTypeCollection;
use crate::Subscription;

/// Values by the event types that they are subscribed to.
///
/// A value stands for whoever subscribed, a connection for example. Each has one subscription: what was added for it,
/// united. Values are told apart by `Eq` and `Hash`.
pub trait EventTypeCollection<T> {
    /// Adds a value with a subscription, or widens the subscription of the value if it is there.
    fn add(&mut self, subscription: &Subscription, value: T);

    /// Forgets a value. Does nothing if it is not there.
    fn remove(&mut self, value: &T);

    /// Calls `visit` once with each value whose subscription matches, in any order.
    ///
    /// This allocates nothing but where more than 16 values match that have several query types each (to yield each once,
    /// those are kept in a set for the time of the call), and where both the event type and a query type with wildcards
    /// have 32 segments or more.
    fn visit<'a>(&'a self, event_type: &EventType, visit: &mut dyn FnMut(&'a T));

    /// The values whose subscription matches, each once, in any order.
    fn get(&self, event_type: &EventType) -> Vec<&T> {
        let mut values = Vec::new();
        self.visit(event_type, &mut |value| values.push(value));
        values
    }
}

/// Makes the collection that suits most: a [`TreeEventTypeCollection`] of the subscriptions and their values.
///
/// Newer versions of the reference have this function instead of the names of their collections.
pub fn create_event_type_collection<T: Eq + Hash>(
    items: impl IntoIterator<Item = (Subscription, T)>,
) -> TreeEventTypeCollection<T> {
    items.into_iter().collect()
}
