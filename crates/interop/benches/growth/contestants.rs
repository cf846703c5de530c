//! Those that find what matches, in Rust.

use hat_event_common::{EventType, EventTypeCollection, QueryType, Subscription, TreeEventTypeCollection};

use crate::{port, port_subscription};

/// What is made of query types, and finds those that match an event type.
pub(crate) trait Contestant {
    /// Made of query types, each of which has its position as its value.
    fn build(query_types: &[EventType]) -> Self;

    /// Calls `found` with the value of each query type that matches, or once with 1 where it only tells whether any does.
    fn look_up(&self, event_type: &EventType, found: impl FnMut(u32));
}

/// Values can be added and removed.
pub(crate) trait Change: Contestant {
    fn add(&mut self, query_type: &EventType, value: u32);

    fn remove(&mut self, value: u32);
}

fn query_type(event_type: &EventType) -> QueryType {
    QueryType::new(event_type.clone()).expect("a workload has `*` at ends only")
}

impl Contestant for TreeEventTypeCollection<u32> {
    fn build(query_types: &[EventType]) -> Self {
        query_types.iter().map(|event_type| Subscription::from(query_type(event_type))).zip(0..).collect()
    }

    fn look_up(&self, event_type: &EventType, mut found: impl FnMut(u32)) {
        self.visit(event_type, &mut |value| found(*value));
    }
}

impl Change for TreeEventTypeCollection<u32> {
    fn add(&mut self, event_type: &EventType, value: u32) {
        EventTypeCollection::add(self, &Subscription::from(query_type(event_type)), value);
    }

    fn remove(&mut self, value: u32) {
        EventTypeCollection::remove(self, &value);
    }
}

impl Contestant for port::Fast {
    fn build(query_types: &[EventType]) -> Self {
        let mut port = Self::default();
        query_types.iter().zip(0..).for_each(|(query_type, value)| port.add(query_type, value));
        port
    }

    fn look_up(&self, event_type: &EventType, mut found: impl FnMut(u32)) {
        self.visit(event_type, &mut found);
    }
}

impl Change for port::Fast {
    fn add(&mut self, query_type: &EventType, value: u32) {
        self.add(query_type, value);
    }

    fn remove(&mut self, value: u32) {
        self.remove(value);
    }
}

impl Contestant for Subscription {
    fn build(query_types: &[EventType]) -> Self {
        Self::new(query_types.iter().cloned()).expect("a workload has `*` at ends only")
    }

    fn look_up(&self, event_type: &EventType, mut found: impl FnMut(u32)) {
        if self.matches(event_type) {
            found(1);
        }
    }
}

impl Contestant for port_subscription::Port {
    fn build(query_types: &[EventType]) -> Self {
        Self::new(query_types)
    }

    fn look_up(&self, event_type: &EventType, mut found: impl FnMut(u32)) {
        if self.matches(&event_type.segments().collect::<Vec<_>>()) {
            found(1);
        }
    }
}
