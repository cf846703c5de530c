use super::nodes::{Below, Branches, Node, Way};
use super::shape::{Form, Shape};
use crate::slab::Slab;

/// The shapes of query types, each with its query types.
///
/// While they are few they stand in a list, to be tried one after the other. Where a list grows beyond [`FEW`] it becomes a
/// node of a tree: its shapes are put under the position of their next `?`, where there is a list again. So each `?` on
/// the way down is one at which the search can end.
#[derive(Clone, Debug)]
pub(super) struct Shapes {
    shapes: Slab<Shape>,
    nodes: Slab<Node>,
    /// No query type has more segments before its end, nor had since there was none.
    longest: usize,
}

/// So many shapes are tried one after the other.
const FEW: usize = 32;

impl Shapes {
    pub(super) const ROOT: u32 = 0;

    pub(super) fn new() -> Self {
        let mut nodes = Slab::new();
        nodes.insert(Node::new(Self::ROOT, 0, 0));
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

    /// What is below a node.
    #[inline]
    pub(super) fn below(&self, node: u32) -> Option<&Below> {
        self.node(node).map(|node| &node.below)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.below(Self::ROOT).is_none_or(Below::is_empty)
    }

    #[inline]
    pub(super) fn longest(&self) -> usize {
        self.longest
    }

    /// The shape of a form, which is made if it is not there.
    pub(super) fn enter(&mut self, form: Form) -> u32 {
        self.find(&form).unwrap_or_else(|| self.insert(form))
    }

    fn find(&self, form: &Form) -> Option<u32> {
        let mut id = Self::ROOT;
        loop {
            let Node { depth, below, .. } = self.node(id)?;
            match below {
                Below::Few(few) => {
                    let is = |shape: &u32| self.get(*shape).is_some_and(|shape| shape.form == *form);
                    return few.iter().copied().find(is);
                }
                Below::Many(branches) => {
                    let way = Way::of(form, *depth);
                    id = branches.get(way)?;
                    if !matches!(way, Way::Any(_)) {
                        return Some(id);
                    }
                }
            }
        }
    }

    fn insert(&mut self, form: Form) -> u32 {
        self.longest = self.longest.max(form.len as usize);
        let shape = self.shapes.insert(Shape::new(form));
        // Nodes with shapes that are to be put below them.
        let mut todo = vec![(Self::ROOT, shape)];
        while let Some((id, shape)) = todo.pop() {
            let Some(id) = self.put(id, shape) else { continue };
            let Some(node) = self.nodes.get_mut(id) else { continue };
            if let Below::Few(few) = std::mem::replace(&mut node.below, Below::Many(Branches::default())) {
                todo.extend(few.into_iter().map(|shape| (id, shape)));
            }
        }
        shape
    }

    /// Puts a shape into its place below a node. Tells the node whose list has grown too long by this.
    fn put(&mut self, start: u32, shape: u32) -> Option<u32> {
        let form = &self.shapes.get(shape)?.form;
        let mut id = start;
        loop {
            let Node { depth, below, .. } = self.nodes.get_mut(id)?;
            let depth = *depth;
            let branches = match below {
                Below::Few(few) => {
                    few.push(shape);
                    return (few.len() > FEW).then_some(id);
                }
                Below::Many(branches) => branches,
            };
            let way = Way::of(form, depth);
            id = match (way, branches.get(way)) {
                (Way::Any(_), Some(node)) => node,
                (Way::Any(at), None) => {
                    let to = self.nodes.insert(Node::new(id, at, depth + 1));
                    if let Below::Many(branches) = &mut self.nodes.get_mut(id)?.below {
                        branches.insert(way, to);
                    }
                    to
                }
                _ => {
                    branches.insert(way, shape);
                    return None;
                }
            };
        }
    }

    /// Forgets a shape, and the nodes that were there only for it.
    pub(super) fn remove(&mut self, shape: u32) {
        let Some(Shape { form, .. }) = self.shapes.remove(shape) else { return };
        let mut id = Self::ROOT;
        // Down to where the shape stands.
        while let Some(Node { depth, below, .. }) = self.nodes.get_mut(id) {
            match below {
                Below::Few(few) => {
                    few.retain(|held| *held != shape);
                    break;
                }
                Below::Many(branches) => {
                    let way = Way::of(&form, *depth);
                    match (way, branches.get(way)) {
                        (Way::Any(_), Some(node)) => id = node,
                        _ => {
                            branches.remove(way);
                            break;
                        }
                    }
                }
            }
        }
        // Up as long as nothing is left.
        while let Some(Node { parent, at, below, .. }) = self.nodes.get_mut(id)
            && below.is_empty()
        {
            *below = Below::Few(Vec::new());
            if id == Self::ROOT {
                self.longest = 0;
                break;
            }
            let (parent, at) = (*parent, *at);
            self.nodes.remove(id);
            if let Some(Node { below: Below::Many(branches), .. }) = self.nodes.get_mut(parent) {
                branches.remove(Way::Any(at));
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
}
