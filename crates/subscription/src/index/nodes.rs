use super::shape::Form;

/// A node of the tree of shapes: what begins with the same `?`.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) parent: u32,
    /// The position of the `?` that leads here.
    pub(super) at: u32,
    /// How many `?` lead here, this one included.
    pub(super) depth: usize,
    pub(super) below: Below,
}

#[derive(Clone, Debug)]
pub(super) enum Below {
    /// Numbers of shapes.
    Few(Vec<u32>),
    Many(Branches),
}

/// Shapes without another `?`, and nodes below the next `?`, each in order of their positions.
#[derive(Clone, Debug, Default)]
pub(super) struct Branches {
    closed: Vec<Branch>,
    open: Vec<Branch>,
    any: Vec<Branch>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Branch {
    /// How many segments the shape has, or the position of the `?`.
    pub(super) at: u32,
    /// The number of the shape or node.
    pub(super) to: u32,
}

/// Which way a form goes on from a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Closed(u32),
    Open(u32),
    Any(u32),
}

impl Node {
    pub(super) fn new(parent: u32, at: u32, depth: usize) -> Self {
        Self { parent, at, depth, below: Below::Few(Vec::new()) }
    }

    /// The position behind the `?` that leads here.
    pub(super) fn after(&self) -> u32 {
        if self.depth == 0 { 0 } else { self.at + 1 }
    }
}

impl Way {
    /// The way of a form after so many `?`.
    pub(super) fn of(form: &Form, depth: usize) -> Self {
        match form.any.get(depth) {
            Some(at) => Self::Any(*at),
            None if form.open => Self::Open(form.len),
            None => Self::Closed(form.len),
        }
    }
}

impl Branches {
    pub(super) fn get(&self, way: Way) -> Option<u32> {
        let (list, at) = match way {
            Way::Closed(at) => (&self.closed, at),
            Way::Open(at) => (&self.open, at),
            Way::Any(at) => (&self.any, at),
        };
        let place = list.binary_search_by_key(&at, |branch| branch.at).ok()?;
        list.get(place).map(|branch| branch.to)
    }

    /// Adds a way that is not there.
    pub(super) fn insert(&mut self, way: Way, to: u32) {
        let (list, at) = self.list(way);
        list.insert(list.partition_point(|branch| branch.at < at), Branch { at, to });
    }

    pub(super) fn remove(&mut self, way: Way) {
        let (list, at) = self.list(way);
        if let Ok(place) = list.binary_search_by_key(&at, |branch| branch.at) {
            list.remove(place);
        }
    }

    fn list(&mut self, way: Way) -> (&mut Vec<Branch>, u32) {
        match way {
            Way::Closed(at) => (&mut self.closed, at),
            Way::Open(at) => (&mut self.open, at),
            Way::Any(at) => (&mut self.any, at),
        }
    }

    /// The shapes without another `?` that suit event types of so many segments.
    pub(super) fn ends(&self, len: usize) -> impl Iterator<Item = u32> {
        let closed = u32::try_from(len).ok().and_then(|len| self.get(Way::Closed(len)));
        let open = self.open.iter().take_while(move |branch| branch.at as usize <= len);
        closed.into_iter().chain(open.map(|branch| branch.to))
    }

    /// The nodes below the next `?`, from behind a position on.
    pub(super) fn next(&self, done: Option<u32>) -> impl Iterator<Item = &Branch> {
        let start = done.map_or(0, |done| self.any.partition_point(|branch| branch.at <= done));
        self.any.iter().skip(start)
    }
}

impl Below {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Few(few) => few.is_empty(),
            Self::Many(Branches { closed, open, any }) => closed.is_empty() && open.is_empty() && any.is_empty(),
        }
    }
}
