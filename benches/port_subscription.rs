//! The obvious port to Rust of the reference's subscription: a node has a hash map of its children.

use std::collections::HashMap;

use foldhash::fast::RandomState;
use hat_event_common::EventType;

/// With a hasher that is made for speed.
#[derive(Default)]
pub(crate) struct Port {
    children: HashMap<String, Self, RandomState>,
    is_leaf: bool,
}

impl Port {
    pub(crate) fn new<'a>(query_types: impl IntoIterator<Item = &'a EventType>) -> Self {
        let mut root = Self::default();
        for query_type in query_types {
            root.add(query_type);
        }
        root
    }

    fn add(&mut self, query_type: &EventType) {
        let mut node = self;
        for segment in query_type {
            if node.children.contains_key("*") {
                return;
            }
            if segment == "*" {
                node.children.clear();
            }
            node = node.children.entry(segment.to_owned()).or_default();
        }
        node.is_leaf = true;
    }

    pub(crate) fn matches(&self, segments: &[&str]) -> bool {
        if self.children.contains_key("*") {
            return true;
        }
        let Some((first, others)) = segments.split_first() else { return self.is_leaf };
        [*first, "?"].iter().any(|segment| self.children.get(*segment).is_some_and(|child| child.matches(others)))
    }
}
