use super::hash::Seed;
use crate::slab::NONE;

/// The shapes of query types with wildcards: where their `?` are, where they end, and whether with a `*`.
///
/// They lie in a tree. Under the root and under each `?` stand the ends that are reached without another `?`, and the
/// places of the next `?`, in order of their places. So each way from the root down to an end is one shape.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    /// The first is the root.
    nodes: Vec<Node>,
    /// The first of the nodes that are not used; the others follow by `next`.
    free: u32,
    seed: Seed,
}

#[derive(Clone, Debug)]
pub(super) struct Node {
    /// Of a `?` its position, of an end the number of segments before it, not counting `*`.
    pub(super) at: usize,
    pub(super) kind: Kind,
    /// How many query types go through here.
    count: u32,
    /// How many ends there are here and below.
    pub(super) ends: u32,
    pub(super) parent: u32,
    pub(super) first_child: u32,
    pub(super) next: u32,
    /// What tells query types of this shape from those of others by their hashes.
    pub(super) key: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A `?`. So is the root, though nothing stands for it.
    Any,
    /// The end of query types without `*`.
    Closed,
    /// The end of query types with `*`.
    Open,
}

impl Shapes {
    pub(super) const ROOT: u32 = 0;

    pub(super) fn new(seed: Seed) -> Self {
        Self { nodes: vec![Node::new(0, Kind::Any, NONE)], free: NONE, seed }
    }

    #[inline]
    pub(super) fn get(&self, id: u32) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut Node> {
        self.nodes.get_mut(id as usize)
    }

    /// How many nodes are used besides the root.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let mut unused = 0;
        let mut id = self.free;
        while let Some(node) = self.get(id) {
            unused += 1;
            id = node.next;
        }
        self.nodes.len() - 1 - unused
    }

    pub(super) fn child(&self, parent: u32, at: usize, kind: Kind) -> Option<u32> {
        let (_, id) = self.place(parent, at, kind);
        self.get(id).is_some_and(|node| (node.at, node.kind) == (at, kind)).then_some(id)
    }

    /// Takes a query type from `parent` on to this child, which is made if it is not there.
    pub(super) fn enter(&mut self, parent: u32, at: usize, kind: Kind) -> u32 {
        let id = self.child(parent, at, kind).unwrap_or_else(|| self.insert(parent, at, kind));
        if let Some(node) = self.get_mut(id) {
            node.count += 1;
        }
        id
    }

    /// Takes a query type out again, whose way led to this end.
    pub(super) fn leave(&mut self, end: u32) {
        let mut id = end;
        let mut ends_fewer = 0;
        while id != Self::ROOT
            && let Some(node) = self.get_mut(id)
        {
            node.count -= 1;
            let (parent, unused) = (node.parent, node.count == 0);
            if id == end {
                ends_fewer = u32::from(unused);
            }
            node.ends -= ends_fewer;
            if unused {
                self.unlink(id);
            }
            id = parent;
        }
        if let Some(root) = self.get_mut(Self::ROOT) {
            root.ends -= ends_fewer;
        }
    }

    fn insert(&mut self, parent: u32, at: usize, kind: Kind) -> u32 {
        let (before, next) = self.place(parent, at, kind);
        let id = self.unused();
        let key = self.seed.number(id.into());
        if let Some(node) = self.get_mut(id) {
            *node = Node { next, key, ..Node::new(at, kind, parent) };
        }
        self.link(parent, before, id);
        if kind != Kind::Any {
            let mut up = id;
            while let Some(node) = self.get_mut(up) {
                node.ends += 1;
                up = node.parent;
            }
        }
        id
    }

    fn unlink(&mut self, id: u32) {
        let Some(&Node { at, kind, parent, next, .. }) = self.get(id) else { return };
        let (before, _) = self.place(parent, at, kind);
        self.link(parent, before, next);
        let free = std::mem::replace(&mut self.free, id);
        if let Some(node) = self.get_mut(id) {
            node.next = free;
        }
    }

    fn unused(&mut self) -> u32 {
        let id = self.free;
        if let Some(node) = self.get(id) {
            self.free = node.next;
            return id;
        }
        self.nodes.push(Node::new(0, Kind::Any, NONE));
        (self.nodes.len() - 1) as u32
    }

    /// The children of `parent` between which a child like this belongs; the second may be that child.
    fn place(&self, parent: u32, at: usize, kind: Kind) -> (u32, u32) {
        let mut before = NONE;
        let mut id = self.get(parent).map_or(NONE, |node| node.first_child);
        while let Some(node) = self.get(id)
            && (node.at, node.kind) < (at, kind)
        {
            before = id;
            id = node.next;
        }
        (before, id)
    }

    /// Lets `id` follow the child `before`, or be the first if that is none.
    fn link(&mut self, parent: u32, before: u32, id: u32) {
        if let Some(node) = self.get_mut(before) {
            node.next = id;
        } else if let Some(node) = self.get_mut(parent) {
            node.first_child = id;
        }
    }
}

impl Node {
    fn new(at: usize, kind: Kind, parent: u32) -> Self {
        Self { at, kind, count: 0, ends: 0, parent, first_child: NONE, next: NONE, key: 0 }
    }
}
