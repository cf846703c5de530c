//! The obvious port to Rust of the reference's tree collection: a node has a hash map of its children.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use hat_event_common::EventType;

/// With the standard library's hasher.
pub(crate) type Std = Port<RandomState>;

/// With a hasher that is made for speed.
pub(crate) type Fast = Port<foldhash::fast::RandomState>;

#[derive(Default)]
pub(crate) struct Port<S> {
    root: Node<S>,
    query_types: HashMap<u32, Vec<EventType>, S>,
}

struct Node<S> {
    children: HashMap<String, Self, S>,
    values: Vec<u32>,
}

impl<S: BuildHasher + Default> Port<S> {
    pub(crate) fn add(&mut self, query_type: &EventType, value: u32) {
        let mut node = &mut self.root;
        for segment in query_type {
            node = node.children.entry(segment.to_owned()).or_default();
        }
        node.values.push(value);
        self.query_types.entry(value).or_default().push(query_type.clone());
    }

    pub(crate) fn remove(&mut self, value: u32) {
        for query_type in self.query_types.remove(&value).unwrap_or_default() {
            let node = query_type.segments().try_fold(&mut self.root, |node, segment| node.children.get_mut(segment));
            if let Some(node) = node {
                node.values.retain(|held| *held != value);
            }
        }
    }

    pub(crate) fn visit(&self, event_type: &EventType, visit: &mut impl FnMut(u32)) {
        let segments: Vec<&str> = event_type.segments().collect();
        self.root.visit(&segments, visit);
    }
}

impl<S: BuildHasher + Default> Node<S> {
    fn visit(&self, segments: &[&str], visit: &mut impl FnMut(u32)) {
        if let Some(rest) = self.children.get("*") {
            rest.values.iter().for_each(|value| visit(*value));
        }
        let Some((first, others)) = segments.split_first() else {
            return self.values.iter().for_each(|value| visit(*value));
        };
        for segment in [*first, "?"] {
            if let Some(child) = self.children.get(segment) {
                child.visit(others, visit);
            }
        }
    }
}

impl<S: Default> Default for Node<S> {
    fn default() -> Self {
        Self { children: HashMap::default(), values: Vec::new() }
    }
}
