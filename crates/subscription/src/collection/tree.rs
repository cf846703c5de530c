use std::hash::{BuildHasher, Hash, RandomState};
use std::ops::ControlFlow;

use hat_event_types::EventType;

use super::holders::{self, Holder, Holders, Holdings};
use super::seen::Seen;
use crate::index::{Index, Place, Table};
use crate::slab::Slab;
use crate::{EventTypeCollection, Subscription};

/// A collection that looks up, for any number of subscriptions, those that match.
///
/// `add` and `remove` take time for the query types of that value only, and `get` for the shapes of query types and for
/// what matches; see the book's page on matching. Memory of removed values is used again. There may be 2^30 values and
/// 32 GiB of query types without wildcards; more end the program.
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
    /// All query types, each with its holders.
    index: Index,
    /// Holders of query types that have several.
    lists: Slab<Vec<Holder>>,
    values: Slab<T>,
    /// The query types of each value, by the values' numbers.
    holdings: Vec<Holdings>,
    /// Finds the numbers of values.
    by_value: Table,
    hasher: RandomState,
}

impl<T> TreeEventTypeCollection<T> {
    /// A collection without values.
    pub fn new() -> Self {
        Self {
            index: Index::new(),
            lists: Slab::new(),
            values: Slab::new(),
            holdings: Vec::new(),
            by_value: Table::new(),
            hasher: RandomState::new(),
        }
    }

    /// Makes a value one of the holders of a query type, unless it is.
    fn hold(&mut self, value: u32, place: Place) {
        let Some(holdings) = self.holdings.get_mut(value as usize) else { return };
        if holdings.holds(place) {
            return;
        }
        let first = match holdings {
            Holdings::One(place, at) => Some((*place, *at)),
            _ => None,
        };
        let holder = Holder::new(value, !matches!(holdings, Holdings::None));
        let at = match Holders::from_number(self.index.value(place)) {
            Holders::None => {
                self.index.set_value(place, Holders::One(holder).to_number());
                0
            }
            Holders::One(other) => {
                let list = self.lists.insert(vec![other, holder]);
                assert!(
                    (list as usize) < holders::MOST,
                    "a collection holds at most {} shared query types",
                    holders::MOST
                );
                self.index.set_value(place, Holders::Many(list).to_number());
                1
            }
            Holders::Many(list) => self.lists.get_mut(list).map_or(0, |list| {
                list.push(holder);
                list.len() as u32 - 1
            }),
        };
        holdings.set(place, at, self.index.seed());
        if let Some((place, at)) = first {
            self.replace(place, at, holder);
        }
    }

    /// Puts a holder in the place of the one at this position.
    fn replace(&mut self, place: Place, at: u32, holder: Holder) {
        match Holders::from_number(self.index.value(place)) {
            Holders::Many(list) => {
                if let Some(held) = self.lists.get_mut(list).and_then(|list| list.get_mut(at as usize)) {
                    *held = holder;
                }
            }
            _ => self.index.set_value(place, Holders::One(holder).to_number()),
        }
    }

    /// Takes the holder at this position from a query type, which is forgotten with the last.
    fn release(&mut self, place: Place, at: u32) {
        let Holders::Many(number) = Holders::from_number(self.index.value(place)) else {
            return self.index.remove(place);
        };
        let Some(list) = self.lists.get_mut(number) else { return };
        list.swap_remove(at as usize);
        let moved = list.get(at as usize).copied();
        if let [one] = list[..] {
            self.index.set_value(place, Holders::One(one).to_number());
            self.lists.remove(number);
        }
        if let Some(holdings) = moved.and_then(|moved| self.holdings.get_mut(moved.value() as usize)) {
            holdings.set(place, at, self.index.seed());
        }
    }
}

impl<T: Eq + Hash> TreeEventTypeCollection<T> {
    fn find(&self, hash: u64, value: &T) -> Option<u32> {
        self.by_value.find(hash, |number| self.values.get(number).is_some_and(|held| held == value))
    }

    /// Makes room for these, so that adding them does not move what is there again and again.
    fn reserve(&mut self, items: &[(Subscription, T)]) {
        let hash_of = |number| self.values.get(number).map_or(0, |value| self.hasher.hash_one(value));
        self.by_value.reserve(items.len(), hash_of);
        self.holdings.reserve(items.len());
        self.values.reserve(items.len());
        let query_types = items.iter().flat_map(|(subscription, _)| subscription.query_types());
        self.index.reserve_exact_types(query_types.filter(|query_type| query_type.is_exact()).count());
    }

    /// The number of a value, which is given one if it has none.
    fn enter(&mut self, value: T) -> u32 {
        let hash = self.hasher.hash_one(&value);
        self.find(hash, &value).unwrap_or_else(|| {
            let number = self.values.insert(value);
            assert!((number as usize) < holders::MOST, "a collection holds at most {} values", holders::MOST);
            let hash_of = |number| self.values.get(number).map_or(0, |value| self.hasher.hash_one(value));
            self.by_value.insert(hash, number, hash_of);
            let len = self.holdings.len().max(number as usize + 1);
            self.holdings.resize(len, Holdings::None);
            number
        })
    }
}

impl<T: Eq + Hash> EventTypeCollection<T> for TreeEventTypeCollection<T> {
    fn add(&mut self, subscription: &Subscription, value: T) {
        let value = self.enter(value);
        for query_type in subscription.query_types() {
            let place = self.index.enter(query_type.as_event_type().as_packed());
            self.hold(value, place);
        }
    }

    fn remove(&mut self, value: &T) {
        let hash = self.hasher.hash_one(value);
        let Some(number) = self.find(hash, value) else { return };
        self.by_value.remove(hash, number);
        self.values.remove(number);
        if let Some(holdings) = self.holdings.get_mut(number as usize) {
            std::mem::replace(holdings, Holdings::None).for_each(|place, at| self.release(place, at));
        }
    }

    #[inline]
    fn visit<'a>(&'a self, event_type: &EventType, visit: &mut dyn FnMut(&'a T)) {
        let mut seen = Seen::new(self.index.seed());
        let mut found = |holder: Holder| {
            if (!holder.repeats() || seen.is_first(holder.value()))
                && let Some(value) = self.values.get(holder.value())
            {
                visit(value);
            }
        };
        let flow = self.index.each_match(event_type, |holders| {
            match Holders::from_number(holders) {
                Holders::None => {}
                Holders::One(holder) => found(holder),
                Holders::Many(list) => self.lists.get(list).into_iter().flatten().copied().for_each(&mut found),
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
        let items: Vec<_> = items.into_iter().collect();
        self.reserve(&items);
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
            let held = format!("{:?}", (tree.lists.capacity(), tree.values.capacity(), tree.index.sizes()));
            (0..8).for_each(|value| tree.remove(&value));
            assert_eq!(tree.index.sizes(), [0; 6], "after round {round}");
            assert_eq!((tree.by_value.len(), tree.lists.iter().count()), (0, 0));
            held
        });
        let first = rounds.next().unwrap();
        assert!(rounds.all(|held| held == first));
    }
}
