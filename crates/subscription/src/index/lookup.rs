use std::ops::ControlFlow;

use hat_event_types::{EventType, Segments};

use super::Index;
use super::shapes::{Kind, Shapes};
use crate::matches::matches_segments;
use crate::slab::NONE;

/// Up to so many shapes are tried without a look at what stands before them.
const FEW_SHAPES: u32 = 16;

/// Up to so many segments are hashed without allocating.
const SHORT: usize = 32;

impl Index {
    /// Calls `each` with the numbers whose query types match, until it breaks. `text` tells the query type of a number.
    #[inline]
    pub(crate) fn each_match<'a>(
        &self,
        event_type: &EventType,
        text: impl Fn(u32) -> Option<&'a [u8]>,
        mut each: impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let packed = &event_type.as_packed()[..];
        if !self.exact.is_empty()
            && let Some(number) = self.exact.find(self.exact_key(packed), |number| text(number) == Some(packed))
        {
            each(number)?;
        }
        if self.wild.is_empty() {
            return ControlFlow::Continue(());
        }
        let matches = |text: &[u8]| matches_segments(event_type.segments(), Segments::of_packed(text));
        let mut candidates = Candidates::default();
        let mut check = |candidate: &Candidate| {
            // Hashes of two shapes may collide, and then each would find what is of the other.
            let is =
                |number| self.ends.get(number as usize) == Some(&candidate.end) && text(number).is_some_and(matches);
            let found = Some(candidate.number).filter(|&number| is(number));
            match found.or_else(|| self.wild.find(candidate.key, is)) {
                Some(number) => each(number),
                None => ControlFlow::Continue(()),
            }
        };
        self.each_wild(event_type, |candidate| candidates.push(candidate, &mut check))?;
        candidates.flush(&mut check)
    }

    /// Calls `each` with what has the hash of the event type in the shapes that may be worth it.
    fn each_wild(&self, event_type: &EventType, mut each: impl FnMut(Candidate) -> ControlFlow<()>) -> ControlFlow<()> {
        let len = event_type.len();
        let (mut short, mut long) = ([Keys::default(); SHORT + 1], Vec::new());
        // One for each segment that a query type may have, and one for the end.
        let count = len.min(self.longest) + 1;
        let keys = match short.get_mut(..count) {
            Some(short) => short,
            None => {
                long.resize(count, Keys::default());
                &mut long[..]
            }
        };
        let mut before = 0;
        let mut segments = event_type.segments().as_bytes();
        for (place, keys) in keys.iter_mut().enumerate() {
            let here = segments.next().map_or(0, |segment| self.seed.text(place as u64, segment));
            *keys = Keys { before, here };
            before ^= here;
        }
        self.each_shape(len, keys, |end, key| match self.wild.find(key, |_| true) {
            Some(number) => each(Candidate { number, end, key }),
            None => ControlFlow::Continue(()),
        })
    }

    /// Calls `probe` with the end of each shape that may be worth it, and the key there of the event type of `len` segments.
    fn each_shape(
        &self,
        len: usize,
        keys: &[Keys],
        mut probe: impl FnMut(u32, u64) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        // The keys of the segments that stand where the shape has `?`.
        let mut skipped = 0;
        let mut parent = Shapes::ROOT;
        let mut id = self.shapes.get(parent).map_or(NONE, |root| root.first_child);
        loop {
            // Children are in order of their places, and no query type reaches further than `keys`.
            let child = self.shapes.get(id).filter(|node| node.at <= len);
            let Some((node, keys)) = child.and_then(|node| Some((node, keys.get(node.at)?))) else {
                if parent == Shapes::ROOT {
                    return ControlFlow::Continue(());
                }
                let Some(node) = self.shapes.get(parent) else { return ControlFlow::Continue(()) };
                skipped ^= keys.get(node.at).map_or(0, |keys| keys.here);
                (parent, id) = (node.parent, node.next);
                continue;
            };
            let key = keys.before ^ skipped ^ node.key;
            if node.kind == Kind::Any {
                if node.at < len && (node.ends <= FEW_SHAPES || self.stems.contains_key(&key)) {
                    skipped ^= keys.here;
                    (parent, id) = (id, node.first_child);
                    continue;
                }
            } else if node.kind == Kind::Open || node.at == len {
                probe(id, key)?;
            }
            id = node.next;
        }
    }
}

/// The key of a segment of an event type, and that of all before it together.
#[derive(Clone, Copy, Default)]
struct Keys {
    before: u64,
    here: u64,
}

/// A number that was found by the key of a shape, which is told by its end.
#[derive(Clone, Copy, Default)]
struct Candidate {
    number: u32,
    end: u32,
    key: u64,
}

/// Collects a few candidates before they are checked, so that the memory behind them is fetched all at once.
#[derive(Default)]
struct Candidates {
    some: [Candidate; 16],
    len: usize,
}

impl Candidates {
    #[inline]
    fn push(&mut self, candidate: Candidate, check: &mut impl FnMut(&Candidate) -> ControlFlow<()>) -> ControlFlow<()> {
        if self.len == self.some.len() {
            self.flush(check)?;
        }
        if let Some(slot) = self.some.get_mut(self.len) {
            *slot = candidate;
            self.len += 1;
        }
        ControlFlow::Continue(())
    }

    #[inline]
    fn flush(&mut self, check: &mut impl FnMut(&Candidate) -> ControlFlow<()>) -> ControlFlow<()> {
        let len = std::mem::take(&mut self.len);
        self.some.iter().take(len).try_for_each(check)
    }
}
