use std::hash::{BuildHasher, Hash, RandomState};
use std::ops::ControlFlow;

use hat_event_types::EventType;

use super::ids::{Ids, Seen};
use super::text::Text;
use crate::index::{Index, Table};
use crate::slab::Slab;
use crate::{EventTypeCollection, Subscription};

/// A collection that looks up, for any number of subscriptions, those that match.
///
/// `add` and `remove` take time for the query types of that value only, and `get` for the shapes of query types and for
/// what matches; see the book's page on matching. Memory of removed values is used again.
///
/// ```
/// use hat_event_subscription::{EventTypeCollection, Subscription, TreeEventTypeCollection};
///
/// let mut clients = TreeEventTypeCollection::new();
/// clients.add(&Subscription::new(["house/*".parse()?, "?/door".parse()?])?, "alice");
/// clients.add(&Subscription::new(["garden/door".parse()?])?, "bob");
///
/// let mut notified = Vec::new();
/// clients.visit(&"house/door".parse()?, &mut |client| notified.push(*client));
/// assert_eq!(notified, ["alice"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct TreeEventTypeCollection<T> {
    /// Finds the numbers of entries.
    index: Index,
    entries: Slab<Entry>,
    values: Slab<Value<T>>,
    /// Finds the numbers of values.
    by_value: Table,
    hasher: RandomState,
}

/// A query type and whose it is.
#[derive(Clone, Debug)]
struct Entry {
    /// The packed segments of the query type.
    query_type: Text,
    values: Ids,
}

/// A value and where it is found.
#[derive(Clone, Debug)]
struct Value<T> {
    value: T,
    entries: Ids,
}

impl<T> TreeEventTypeCollection<T> {
    /// A collection without values.
    pub fn new() -> Self {
        Self {
            index: Index::new(),
            entries: Slab::new(),
            values: Slab::new(),
            by_value: Table::new(),
            hasher: RandomState::new(),
        }
    }

    /// The number of the entry of a query type, which is made if it is not there.
    fn entry(&mut self, query_type: &[u8]) -> u32 {
        let text = |entry| self.entries.get(entry).map(|entry| &*entry.query_type);
        self.index.find(query_type, text).unwrap_or_else(|| {
            let entry = self.entries.insert(Entry { query_type: query_type.into(), values: Ids::None });
            self.index.insert(query_type, entry);
            entry
        })
    }
}

impl<T: Eq + Hash> TreeEventTypeCollection<T> {
    fn find(&self, hash: u64, value: &T) -> Option<u32> {
        self.by_value.find(hash, |id| self.values.get(id).is_some_and(|held| held.value == *value))
    }
}

impl<T: Eq + Hash> EventTypeCollection<T> for TreeEventTypeCollection<T> {
    fn add(&mut self, subscription: &Subscription, value: T) {
        let hash = self.hasher.hash_one(&value);
        let id = self.find(hash, &value).unwrap_or_else(|| {
            let id = self.values.insert(Value { value, entries: Ids::None });
            self.by_value.insert(hash, id);
            id
        });
        for query_type in subscription.query_types() {
            let entry_id = self.entry(query_type.as_event_type().as_packed());
            if let (Some(entry), Some(value)) = (self.entries.get_mut(entry_id), self.values.get_mut(id))
                && entry.values.insert(id)
            {
                value.entries.insert(entry_id);
            }
        }
    }

    fn remove(&mut self, value: &T) {
        let hash = self.hasher.hash_one(value);
        let Some(id) = self.find(hash, value) else { return };
        self.by_value.remove(hash, id);
        let Some(value) = self.values.remove(id) else { return };
        value.entries.for_each(|entry_id| {
            let Some(entry) = self.entries.get_mut(entry_id) else { return };
            entry.values.remove(id);
            if entry.values.is_empty() {
                self.index.remove(&entry.query_type, entry_id);
                self.entries.remove(entry_id);
            }
        });
    }

    fn visit<'a>(&'a self, event_type: &EventType, visit: &mut dyn FnMut(&'a T)) {
        let mut seen = Seen::new();
        let text = |entry| self.entries.get(entry).map(|entry| &*entry.query_type);
        let flow = self.index.each_match(event_type, text, |entry| {
            if let Some(entry) = self.entries.get(entry) {
                entry.values.for_each(|id| {
                    if let Some(Value { value, entries }) = self.values.get(id)
                        && (!entries.is_many() || seen.is_first(id))
                    {
                        visit(value);
                    }
                });
            }
            ControlFlow::Continue(())
        });
        debug_assert!(flow.is_continue());
    }
}

impl<T> Default for TreeEventTypeCollection<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Eq + Hash> Extend<(Subscription, T)> for TreeEventTypeCollection<T> {
    fn extend<I: IntoIterator<Item = (Subscription, T)>>(&mut self, items: I) {
        items.into_iter().for_each(|(subscription, value)| self.add(&subscription, value));
    }
}

impl<T: Eq + Hash> FromIterator<(Subscription, T)> for TreeEventTypeCollection<T> {
    fn from_iter<I: IntoIterator<Item = (Subscription, T)>>(items: I) -> Self {
        let mut collection = Self::new();
        collection.extend(items);
        collection
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::QueryType;

    #[test]
    fn nothing_is_left_of_what_was_removed() {
        let mut tree = TreeEventTypeCollection::new();
        let subscriptions = ["a/b", "a/?", "?/?/c", "*", "?/b/?/*", "a/b"];
        let mut rounds = (0..100).map(|round| {
            for (value, query_type) in subscriptions.iter().enumerate() {
                tree.add(&query_type.parse::<QueryType>().unwrap().into(), value + round % 3);
            }
            let held = format!("{:?}", (tree.entries.capacity(), tree.values.capacity(), tree.index.sizes()));
            (0..8).for_each(|value| tree.remove(&value));
            assert_eq!(tree.index.sizes(), [0; 4], "after round {round}");
            assert!(tree.by_value.is_empty());
            held
        });
        let first = rounds.next().unwrap();
        assert!(rounds.all(|held| held == first));
    }
}
