//! Who keeps values by query types and finds those that match an event type: this project and its peers, a file each.
//!
//! Events are looked up as they come out of decoding. This project, the obvious port and the floor get the decoded event
//! types and find the segments in them. Users of zenoh or MQTT receive a text `a/b/c`, so those peers get that text
//! from before the measurement: zenoh as a key whose form was checked, as decoding has checked the form of event
//! types, MQTT as shared text, which its user has to split for each look-up.
//!
//! All contestants have to find the same values, see [`Contestant::find`]; only the floor finds less.

pub(crate) mod floor;
pub(crate) mod mqtt;
pub(crate) mod port;
mod values;
pub(crate) mod zenoh;

use std::hash::BuildHasher;

use hat_event_common::{EventType, EventTypeCollection, QueryType, Subscription, TreeEventTypeCollection};

use self::port::Port;
use self::values::Values;

/// Something that keeps values by query types.
pub(crate) trait Contestant: Default {
    /// What it is subscribed with.
    type Query: Clone;
    /// What is looked up.
    type Key;

    fn query(query_type: &EventType) -> Self::Query;

    fn key(event_type: &EventType) -> Self::Key;

    fn add(&mut self, query: &Self::Query, value: u32);

    /// Removes a value, which was added with this query only.
    fn remove(&mut self, query: &Self::Query, value: u32);

    fn visit(&self, key: &Self::Key, visit: &mut impl FnMut(u32));

    fn build(items: Vec<(Self::Query, u32)>) -> Self {
        let mut built = Self::default();
        items.iter().for_each(|(query, value)| built.add(query, *value));
        built
    }

    /// Query types, each with its position as its value.
    fn items(query_types: &[EventType]) -> Vec<(Self::Query, u32)> {
        query_types.iter().map(Self::query).zip(0..).collect()
    }

    fn keys(event_types: &[EventType]) -> Vec<Self::Key> {
        event_types.iter().map(Self::key).collect()
    }

    /// What measurements look up.
    fn sum(&self, key: &Self::Key) -> u64 {
        let mut sum = 0;
        self.visit(key, &mut |value| sum += u64::from(value));
        sum
    }

    /// The values that match, in order: the same for all contestants.
    fn find(&self, key: &Self::Key) -> Vec<u32> {
        let mut values = Vec::new();
        self.visit(key, &mut |value| values.push(value));
        values.sort_unstable();
        values
    }
}

/// The segments with `/` between them, `any` for each `?` and `rest` for a last `*`.
fn joined(query_type: &EventType, any: &str, rest: &str) -> String {
    let last = query_type.len().saturating_sub(1);
    let segments = query_type.segments().enumerate().map(|(i, segment)| {
        assert!(!segment.contains('/') && !segment.is_empty(), "{segment} can stand between `/`");
        match segment {
            "?" => any,
            "*" if i == last => rest,
            segment => segment,
        }
    });
    segments.collect::<Vec<_>>().join("/")
}

impl Contestant for TreeEventTypeCollection<u32> {
    type Query = Subscription;
    type Key = EventType;

    fn query(query_type: &EventType) -> Subscription {
        QueryType::new(query_type.clone()).expect("a `*` is the last segment").into()
    }

    fn key(event_type: &EventType) -> EventType {
        event_type.clone()
    }

    fn add(&mut self, query: &Subscription, value: u32) {
        EventTypeCollection::add(self, query, value);
    }

    fn remove(&mut self, _: &Subscription, value: u32) {
        EventTypeCollection::remove(self, &value);
    }

    fn visit(&self, key: &EventType, visit: &mut impl FnMut(u32)) {
        EventTypeCollection::visit(self, key, &mut |value| visit(*value));
    }

    fn build(items: Vec<(Subscription, u32)>) -> Self {
        items.into_iter().collect()
    }
}

impl<S: BuildHasher + Default> Contestant for Port<S> {
    type Query = EventType;
    type Key = EventType;

    fn query(query_type: &EventType) -> EventType {
        query_type.clone()
    }

    fn key(event_type: &EventType) -> EventType {
        event_type.clone()
    }

    fn add(&mut self, query: &EventType, value: u32) {
        self.add(query, value);
    }

    fn remove(&mut self, _: &EventType, value: u32) {
        self.remove(value);
    }

    fn visit(&self, key: &EventType, visit: &mut impl FnMut(u32)) {
        self.visit(key, visit);
    }
}
