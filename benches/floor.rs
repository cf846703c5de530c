//! The floor of matching: one hash of the whole packed event type, and one probe.
//!
//! It knows exact types only: a wildcard in it is a segment like any other. What does more cannot be faster than this,
//! but for the choice of the hash.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hat_event_common::EventType;

/// Values by exact query type, in a hash map of the bytes that the event types already have.
#[derive(Default)]
pub(crate) struct Floor {
    pub(crate) values: HashMap<Box<[u8]>, Values, RandomState>,
}

/// The values of one query type: mostly one, which then needs no memory of its own.
pub(crate) enum Values {
    One(u32),
    Many(Vec<u32>),
}

impl Floor {
    pub(crate) fn add(&mut self, query_type: &EventType, value: u32) {
        let key = query_type.as_packed()[..].into();
        self.values.entry(key).and_modify(|values| values.push(value)).or_insert(Values::One(value));
    }

    pub(crate) fn visit(&self, event_type: &EventType, visit: &mut impl FnMut(u32)) {
        match self.values.get(&event_type.as_packed()[..]) {
            Some(Values::One(value)) => visit(*value),
            Some(Values::Many(values)) => values.iter().for_each(|value| visit(*value)),
            None => {}
        }
    }
}

impl<'a> FromIterator<(&'a EventType, u32)> for Floor {
    fn from_iter<I: IntoIterator<Item = (&'a EventType, u32)>>(items: I) -> Self {
        let mut floor = Self::default();
        items.into_iter().for_each(|(query_type, value)| floor.add(query_type, value));
        floor
    }
}

impl Values {
    fn push(&mut self, value: u32) {
        match self {
            Self::One(first) => *self = Self::Many(vec![*first, value]),
            Self::Many(values) => values.push(value),
        }
    }
}
