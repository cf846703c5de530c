//! The trees of `zenoh-keyexpr`, with `?` as its `*` and a last `*` as its `**`.
//!
//! It has three ways to look up a key: keys that intersect with it, that include it, that it includes. For a key without
//! wildcards the first two find the same; the first is the faster one (half the time on W3). Of its ways to keep children
//! the one taken is its default, which it recommends: on W3 another is as fast, elsewhere slower. A tree that has no
//! wildcards at all it looks up by hashing, any other by comparing all children of a node.

use hat_event_common::EventType;
use zenoh_keyexpr::OwnedKeyExpr;
use zenoh_keyexpr::keyexpr_tree::{IKeyExprTree, IKeyExprTreeMut, IKeyExprTreeNode, IKeyExprTreeNodeMut, KeBoxTree};

use super::{Contestant, Values, joined};

#[derive(Default)]
pub(crate) struct Zenoh(KeBoxTree<Values>);

impl Contestant for Zenoh {
    type Query = OwnedKeyExpr;
    type Key = OwnedKeyExpr;

    fn query(query_type: &EventType) -> OwnedKeyExpr {
        joined(query_type, "*", "**").try_into().expect("zenoh takes all keys of the workloads")
    }

    fn key(event_type: &EventType) -> OwnedKeyExpr {
        let key = Self::query(event_type);
        assert!(!key.contains('*'), "{key} is a key");
        key
    }

    fn add(&mut self, query: &OwnedKeyExpr, value: u32) {
        let node = self.0.node_mut_or_create(query);
        if let Some(values) = node.weight_mut() {
            values.push(value);
        } else {
            node.insert_weight(Values::One(value));
        }
    }

    fn remove(&mut self, query: &OwnedKeyExpr, value: u32) {
        let values = self.0.node_mut(query).and_then(|node| node.weight_mut());
        let is_left = values.is_some_and(|values| {
            values.remove(value);
            values.as_slice().is_empty()
        });
        if is_left {
            self.0.remove(query);
        }
    }

    fn visit(&self, key: &OwnedKeyExpr, visit: &mut impl FnMut(u32)) {
        for node in self.0.intersecting_nodes(key) {
            node.weight().into_iter().flat_map(Values::as_slice).for_each(|value| visit(*value));
        }
    }
}
