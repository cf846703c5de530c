use super::shape::{Form, Shape};
use crate::slab::Slab;

/// The shapes of all query types, each with its query types.
///
/// While they are few they stand in a list, to be tried one after the other. Where a list grows beyond [`FEW`] it becomes a
/// node of a tree: its shapes are put under the position of their next `?`, where there is a list again. So each `?` on
/// the way down is one at which the search can end.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    shapes: Slab<Shape>,
    nodes: Slab<Node>,
    /// No query type that was ever here has more segments before its end.
    longest: usize,
}

/// So many shapes are tried one after the other.
const FEW: usize = 32;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) parent: u32,
    /// The position of the `?` that leads here.
    pub(super) at: u32,
    /// How many `?` lead here, this one included.
    depth: usize,
    pub(super) below: Below,
}

#[derive(Clone, Debug)]
pub(super) enum Below {
    Few(Vec<u32>),
    Many(Branches),
}

/// Shapes and nodes in order of their positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    /// Shapes without another `?` or `*`.
    closed: Vec<Branch>,
    /// Shapes without another `?`, with `*`.
    open: Vec<Branch>,
    /// Nodes below the next `?`.
    any: Vec<Branch>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    /// The position of the `?`, or how many segments the shape has.
    pub(super) at: u32,
    /// The number of the node or shape.
    pub(super) to: u32,
}

impl Shapes {
    pub(super) const ROOT: u32 = 0;

    pub(super) fn new() -> Self {
        let mut nodes = Slab::new();
        nodes.insert(Node { parent: Self::ROOT, at: 0, depth: 0, below: Below::Few(Vec::new()) });
        Self { shapes: Slab::new(), nodes, longest: 0 }
    }

    #[inline]
    pub(super) fn get(&self, shape: u32) -> Option<&Shape> {
        self.shapes.get(shape)
    }

    #[inline]
    pub(super) fn get_mut(&mut self, shape: u32) -> Option<&mut Shape> {
        self.shapes.get_mut(shape)
    }

    #[inline]
    pub(super) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        matches!(self.below(Self::ROOT), Some(Below::Few(few)) if few.is_empty())
    }

    #[inline]
    pub(super) fn below(&self, node: u32) -> Option<&Below> {
        self.node(node).map(|node| &node.below)
    }

    #[inline]
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The shape of a form, which is made if it is not there.
    pub(super) fn enter(&mut self, form: Form) -> u32 {
        let mut id = Self::ROOT;
        while let Some(Node { depth, below, .. }) = self.nodes.get_mut(id) {
            let depth = *depth;
            let branches = match below {
                Below::Few(few) => {
                    let is = |shape: &u32| self.shapes.get(*shape).is_some_and(|shape| shape.form == form);
                    if let Some(shape) = few.iter().copied().find(is) {
                        return shape;
                    }
                    let shape = insert(&mut self.shapes, &mut self.longest, form);
                    few.push(shape);
                    if few.len() > FEW {
                        self.branch_out(id);
                    }
                    return shape;
                }
                Below::Many(branches) => branches,
            };
            let (list, at) = branches.list(&form, depth);
            let place = list.partition_point(|branch| branch.at < at);
            let found = list.get(place).filter(|branch| branch.at == at).map(|branch| branch.to);
            if form.any.len() == depth {
                return found.unwrap_or_else(|| {
                    let shape = insert(&mut self.shapes, &mut self.longest, form);
                    list.insert(place, Branch { at, to: shape });
                    shape
                });
            }
            id = found.unwrap_or_else(|| {
                let node = Node { parent: id, at, depth: depth + 1, below: Below::Few(Vec::new()) };
                let to = self.nodes.insert(node);
                self.link(id, place, Branch { at, to });
                to
            });
        }
        id
    }

    /// Puts the shapes of a long list under the positions of their next `?`, and those again where too many go together.
    fn branch_out(&mut self, id: u32) {
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let Some(Node { depth, below, .. }) = self.nodes.get_mut(id) else { return };
            let depth = *depth;
            let Below::Few(few) = below else { return };
            let few = std::mem::take(few);
            let mut branches = Branches::default();
            for shape in few {
                let Some(Shape { form, .. }) = self.shapes.get(shape) else { continue };
                let ends = form.any.len() == depth;
                let (list, at) = branches.list(form, depth);
                let place = list.partition_point(|branch| branch.at < at);
                if ends {
                    list.insert(place, Branch { at, to: shape });
                    continue;
                }
                let found = list.get(place).filter(|branch| branch.at == at).map(|branch| branch.to);
                let child = found.unwrap_or_else(|| {
                    let to =
                        self.nodes.insert(Node { parent: id, at, depth: depth + 1, below: Below::Few(Vec::new()) });
                    list.insert(place, Branch { at, to });
                    to
                });
                if let Some(Node { below: Below::Few(few), .. }) = self.nodes.get_mut(child) {
                    few.push(shape);
                    if few.len() == FEW + 1 {
                        todo.push(child);
                    }
                }
            }
            if let Some(node) = self.nodes.get_mut(id) {
                node.below = Below::Many(branches);
            }
        }
    }

    /// Forgets a shape, and the nodes that were there only for it.
    pub(super) fn remove(&mut self, shape: u32) {
        let Some(Shape { form, .. }) = self.shapes.remove(shape) else { return };
        let mut id = Self::ROOT;
        // Down to where the shape stands.
        while let Some(Node { depth, below: Below::Many(branches), .. }) = self.nodes.get_mut(id) {
            let (depth, (list, at)) = (*depth, branches.list(&form, *depth));
            let Ok(place) = list.binary_search_by_key(&at, |branch| branch.at) else { return };
            if form.any.len() == depth {
                list.remove(place);
                break;
            }
            id = list.get(place).map_or(id, |branch| branch.to);
        }
        if let Some(Node { below: Below::Few(few), .. }) = self.nodes.get_mut(id) {
            few.retain(|held| *held != shape);
        }
        // Up as long as nothing is left.
        while let Some(Node { parent, at, below, .. }) = self.nodes.get_mut(id)
            && below.is_empty()
        {
            *below = Below::Few(Vec::new());
            let (parent, at) = (*parent, *at);
            if id == Self::ROOT {
                return;
            }
            self.nodes.remove(id);
            if let Some(Node { below: Below::Many(branches), .. }) = self.nodes.get_mut(parent) {
                branches.any.retain(|branch| branch.at != at);
            }
            id = parent;
        }
    }

    /// How many shapes, query types and nodes there are, not counting the root.
    #[cfg(test)]
    pub(super) fn sizes(&self) -> [usize; 3] {
        let rows = self.shapes.iter().map(|shape| shape.rows.len()).sum();
        [self.shapes.iter().count(), rows, self.nodes.iter().count() - 1]
    }

    fn link(&mut self, parent: u32, place: usize, branch: Branch) {
        if let Some(Node { below: Below::Many(branches), .. }) = self.nodes.get_mut(parent) {
            branches.any.insert(place, branch);
        }
    }
}

fn insert(shapes: &mut Slab<Shape>, longest: &mut usize, form: Form) -> u32 {
    *longest = (*longest).max(form.len as usize);
    shapes.insert(Shape::new(form))
}

impl Node {
    /// The position behind the `?` that leads here.
    pub(super) fn after(&self) -> u32 {
        if self.depth == 0 { 0 } else { self.at + 1 }
    }
}

impl Branches {
    /// The shapes without another `?` that suit event types of so many segments.
    pub(super) fn ends(&self, len: usize) -> impl Iterator<Item = u32> {
        let closed = self.closed.binary_search_by_key(&len, |branch| branch.at as usize);
        let closed = closed.ok().and_then(|place| self.closed.get(place));
        let open = self.open.iter().take_while(move |branch| branch.at as usize <= len);
        closed.into_iter().chain(open).map(|branch| branch.to)
    }

    /// The nodes below the next `?`, from behind a position on.
    pub(super) fn next(&self, done: Option<u32>) -> impl Iterator<Item = &Branch> {
        let start = done.map_or(0, |done| self.any.partition_point(|branch| branch.at <= done));
        self.any.iter().skip(start)
    }

    /// Where a form goes on after so many `?`: the list and the position in it.
    fn list(&mut self, form: &Form, depth: usize) -> (&mut Vec<Branch>, u32) {
        match form.any.get(depth) {
            Some(at) => (&mut self.any, *at),
            None if form.open => (&mut self.open, form.len),
            None => (&mut self.closed, form.len),
        }
    }
}

impl Below {
    fn is_empty(&self) -> bool {
        match self {
            Self::Few(few) => few.is_empty(),
            Self::Many(Branches { closed, open, any }) => closed.is_empty() && open.is_empty() && any.is_empty(),
        }
    }
}
