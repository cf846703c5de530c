//! The floor of matching: one hash of the whole packed event type, and one probe.
//!
//! It knows exact types only: a wildcard in it is a segment like any other. What does more cannot be faster than this,
//! but for the choice of the hash.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hat_event_common::EventType;

use super::{Contestant, Values};

/// Values by exact query type, in a hash map of the bytes that the event types already have.
#[derive(Default)]
pub(crate) struct Floor(HashMap<Box<[u8]>, Values, RandomState>);

impl Contestant for Floor {
    type Query = EventType;
    type Key = EventType;

    fn query(query_type: &EventType) -> EventType {
        query_type.clone()
    }

    fn key(event_type: &EventType) -> EventType {
        event_type.clone()
    }

    fn add(&mut self, query: &EventType, value: u32) {
        self.0.entry(query.as_packed()[..].into()).or_default().push(value);
    }

    fn remove(&mut self, query: &EventType, value: u32) {
        if let Some(values) = self.0.get_mut(&query.as_packed()[..]) {
            values.remove(value);
        }
    }

    fn visit(&self, key: &EventType, visit: &mut impl FnMut(u32)) {
        if let Some(values) = self.0.get(&key.as_packed()[..]) {
            values.as_slice().iter().for_each(|value| visit(*value));
        }
    }
}
