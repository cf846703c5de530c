use std::ops::ControlFlow;

use crate::QueryType;
use crate::index::{Seed, Table};
use crate::matches::{ANY, REST};
use crate::slab::NONE;

/// Query types as a tree of their segments, in which the children of a node keep the order in which they came.
///
/// A `*` absorbs all that stands beside it and below.
#[derive(Debug)]
pub(crate) struct Trie<'a> {
    nodes: Vec<Node<'a>>,
    /// The nodes by parent and segment, but for the first child of each parent.
    edges: Table,
    seed: Seed,
}

/// Query types are named by their place in the list that the trie was made of.
#[derive(Debug)]
struct Node<'a> {
    segment: &'a [u8],
    parent: u32,
    first_child: u32,
    last_child: u32,
    next: u32,
    /// The query type that ends here.
    end: u32,
    /// The query type that ends here with `*`. If there is one, neither children nor `end` count.
    rest: u32,
}

impl<'a> Trie<'a> {
    pub(crate) fn new(query_types: &'a [QueryType]) -> Self {
        let mut trie = Self { nodes: vec![Node::new(b"", NONE)], edges: Table::new(), seed: Seed::random() };
        // Mostly each has a node of its own at least.
        trie.edges.reserve(query_types.len(), |_| 0);
        // The nodes from the root to the end of the query type before: neighbours often begin alike.
        let mut way = vec![0];
        for (i, query_type) in query_types.iter().enumerate() {
            trie.add(query_type, i as u32, &mut way);
        }
        trie
    }

    fn add(&mut self, query_type: &'a QueryType, number: u32, way: &mut Vec<u32>) {
        let mut id = 0;
        let mut depth = 0;
        for segment in query_type.as_event_type().segments().as_bytes() {
            let Some(node) = self.nodes.get_mut(id as usize) else { return };
            if node.rest != NONE {
                return;
            }
            // Where query types are checked, this is last.
            if segment == REST {
                node.rest = number;
                return;
            }
            depth += 1;
            let known = way.get(depth).copied().filter(|&known| self.is_child(known, id, segment));
            id = known.unwrap_or_else(|| {
                way.truncate(depth);
                let id = self.child(id, segment).unwrap_or_else(|| self.push(id, segment));
                way.push(id);
                id
            });
        }
        if let Some(node) = self.nodes.get_mut(id as usize)
            && node.end == NONE
        {
            node.end = number;
        }
    }

    fn push(&mut self, parent: u32, segment: &'a [u8]) -> u32 {
        let id = self.nodes.len() as u32;
        self.nodes.push(Node::new(segment, parent));
        let Some(above) = self.nodes.get_mut(parent as usize) else { return id };
        let last = std::mem::replace(&mut above.last_child, id);
        if let Some(last) = self.nodes.get_mut(last as usize) {
            last.next = id;
            let (seed, nodes) = (self.seed, &self.nodes);
            let hash_of = |id: u32| {
                nodes.get(id as usize).map_or(0, |node: &Node<'_>| seed.text(node.parent.into(), node.segment))
            };
            self.edges.insert(seed.text(parent.into(), segment), id, hash_of);
        } else if let Some(above) = self.nodes.get_mut(parent as usize) {
            above.first_child = id;
        }
        id
    }

    fn child(&self, parent: u32, segment: &[u8]) -> Option<u32> {
        let &Node { first_child, last_child, .. } = self.get(parent)?;
        if first_child == last_child || self.is_child(first_child, parent, segment) {
            return Some(first_child).filter(|&id| self.is_child(id, parent, segment));
        }
        self.edges.find(self.seed.text(parent.into(), segment), |id| self.is_child(id, parent, segment))
    }

    fn is_child(&self, id: u32, parent: u32, segment: &[u8]) -> bool {
        self.get(id).is_some_and(|node| node.parent == parent && node.segment == segment)
    }

    fn get(&self, id: u32) -> Option<&Node<'a>> {
        self.nodes.get(id as usize)
    }

    fn children(&self, parent: u32) -> impl Iterator<Item = u32> {
        let first = self.get(parent).map(|node| node.first_child);
        std::iter::successors(first, |&id| self.get(id).map(|node| node.next)).take_while(|&id| id != NONE)
    }

    /// The query types that are not absorbed, each before those that are longer than it and begin like it.
    pub(crate) fn query_types(&self) -> Vec<u32> {
        let mut found = Vec::new();
        let mut id = 0;
        while let Some(node) = self.get(id) {
            let open = node.rest != NONE;
            found.extend(Some(if open { node.rest } else { node.end }).filter(|&number| number != NONE));
            id = if open { NONE } else { node.first_child };
            // Up to the first node that has another one beside it.
            let mut up = node;
            while id == NONE && up.parent != NONE {
                id = up.next;
                let Some(parent) = self.get(up.parent) else { break };
                up = parent;
            }
        }
        found
    }

    /// Calls `meet` with each two query types, one of this trie and one of the other, that both match some event type.
    pub(crate) fn each_meeting(
        &self,
        other: &Self,
        mut meet: impl FnMut(u32, u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut todo = vec![(Side::Node(0), Side::Node(0))];
        while let Some((here, there)) = todo.pop() {
            let (Some((here, end)), Some((there, other_end))) = (self.settle(here), other.settle(there)) else {
                continue;
            };
            if end != NONE && other_end != NONE {
                meet(end, other_end)?;
            }
            let first = todo.len();
            match (here, there) {
                (Side::Rest(_), Side::Rest(_)) => {}
                (Side::Rest(_), Side::Node(id)) => {
                    todo.extend(other.children(id).map(|child| (here, Side::Node(child))))
                }
                (Side::Node(id), Side::Rest(_)) => {
                    todo.extend(self.children(id).map(|child| (Side::Node(child), there)))
                }
                (Side::Node(id), Side::Node(other_id)) => {
                    let other_any = other.child(other_id, ANY);
                    for child in self.children(id) {
                        let segment = self.get(child).map_or(ANY, |node| node.segment);
                        let mut add = |other_child| todo.push((Side::Node(child), Side::Node(other_child)));
                        if segment == ANY {
                            other.children(other_id).for_each(add);
                        } else {
                            other.child(other_id, segment).into_iter().chain(other_any).for_each(&mut add);
                        }
                    }
                }
            }
            // The last is taken first.
            if let Some(added) = todo.get_mut(first..) {
                added.reverse();
            }
        }
        ControlFlow::Continue(())
    }

    /// What is below a node, once a `*` there is seen, and the query type that matches what ends here.
    fn settle(&self, side: Side) -> Option<(Side, u32)> {
        match side {
            Side::Rest(number) => Some((side, number)),
            Side::Node(id) => match self.get(id)? {
                Node { rest: NONE, end, .. } => Some((side, *end)),
                Node { rest, .. } => Some((Side::Rest(*rest), *rest)),
            },
        }
    }
}

/// Where one of two tries is while both are walked together.
#[derive(Clone, Copy)]
enum Side {
    Node(u32),
    /// Below the `*` of this query type, where all matches.
    Rest(u32),
}

impl<'a> Node<'a> {
    fn new(segment: &'a [u8], parent: u32) -> Self {
        Self { segment, parent, first_child: NONE, last_child: NONE, next: NONE, end: NONE, rest: NONE }
    }
}
