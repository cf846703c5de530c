use std::ops::ControlFlow;

use hat_event_types::EventType;

use super::hash::Ends;
use super::nodes::{Below, Branch};
use super::shape::{SHORT, Segment, Sought};
use super::shapes::Shapes;
use super::{Index, any_key};
use crate::slab::NONE;

/// So many query types are proposed before they are compared.
const TRIED: usize = 16;

/// Types of less segments are looked up without allocating.
const LONG: usize = 32;

impl Index {
    /// Calls `each` with the values of the query types that match, until it breaks.
    #[inline]
    pub(crate) fn each_match(
        &self,
        event_type: &EventType,
        mut each: impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        if self.exact.len() == 0 {
            return self.each_wild(event_type, &mut each);
        }
        let packed = &event_type.as_packed()[..];
        let hash = self.seed.event_type(packed);
        if self.shapes.is_empty() {
            return self
                .exact
                .find(hash, packed)
                .map_or(ControlFlow::Continue(()), |found| each(self.exact.value(found)));
        }
        // What is proposed comes from memory while the others are looked for.
        let proposed = self.exact.propose(hash);
        self.each_wild(event_type, &mut each)?;
        let is_proposed = self.exact.is(proposed, packed);
        match if is_proposed { Some(proposed) } else { self.exact.find(hash, packed) } {
            Some(found) => each(self.exact.value(found)),
            None => ControlFlow::Continue(()),
        }
    }

    fn each_wild(&self, event_type: &EventType, each: &mut impl FnMut(u32) -> ControlFlow<()>) -> ControlFlow<()> {
        let count = event_type.len().min(self.shapes.longest());
        // One more, for the end. Most types are short, and each place costs time to clear.
        let (mut short, mut long, mut longer);
        let segments = match count {
            0..SHORT => {
                short = [Segment::default(); SHORT];
                short.get_mut(..=count)
            }
            SHORT..LONG => {
                long = [Segment::default(); LONG];
                long.get_mut(..=count)
            }
            _ => {
                longer = vec![Segment::default(); count + 1];
                Some(&mut longer[..])
            }
        };
        self.seek(event_type, segments.unwrap_or_default(), each)
    }

    /// Makes the keys of as many segments of an event type as fit.
    #[inline]
    fn seek<'a>(
        &self,
        event_type: &'a EventType,
        segments: &mut [Segment<'a>],
        each: &mut impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut texts = event_type.segments().as_bytes();
        let len = texts.len();
        let mut keys = [0; 2 * SHORT];
        let mut key = 0;
        for (at, segment) in segments.iter_mut().enumerate() {
            segment.before = key;
            let Some(text) = texts.next() else { break };
            segment.text = text;
            segment.ends = Ends::of(text);
            segment.here = self.seed.at(at, self.seed.segment(segment.ends, text));
            key ^= segment.here;
        }
        let (here, before) = keys.split_at_mut(SHORT);
        for ((segment, here), before) in segments.iter().zip(here).zip(before) {
            (*here, *before) = (segment.here, segment.before);
        }
        if let Some(nothing) = keys.get_mut(SHORT - 1) {
            *nothing = 0;
        }
        self.look(&Sought { len, segments, keys: &keys }, each)
    }

    /// Walks the shapes that may be worth it.
    fn look(&self, sought: &Sought<'_>, each: &mut impl FnMut(u32) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut id = Shapes::ROOT;
        if let Some(Below::Few(few)) = self.shapes.below(id) {
            return self.attempt(sought, few.iter().copied(), each);
        }
        let unknown = self.unknown(sought);
        // What leads to the node: the keys of `?` in place of those of the segments.
        let mut skipped = 0;
        let step = |at: u32| any_key(self.seed, at as usize) ^ sought.here(at as usize);
        // The position of the `?` from below which the walk came back.
        let mut done: Option<u32> = None;
        while let Some(node) = self.shapes.node(id) {
            match &node.below {
                Below::Few(few) => self.attempt(sought, few.iter().copied(), each)?,
                Below::Many(branches) => {
                    if done.is_none() {
                        self.attempt(sought, branches.ends(sought.len), each)?;
                    }
                    let next = branches.next(done).take_while(|next| {
                        (next.at as usize) < sought.len && unknown & between(node.after(), next.at) == 0
                    });
                    let is_stem = |next: &Branch| self.stems.contains_key(&(sought.before(next.at as usize) ^ skipped));
                    if let Some(Branch { at, to }) = next.copied().find(is_stem) {
                        skipped ^= step(at);
                        (id, done) = (to, None);
                        continue;
                    }
                }
            }
            if id == Shapes::ROOT {
                break;
            }
            skipped ^= step(node.at);
            (id, done) = (node.parent, Some(node.at));
        }
        ControlFlow::Continue(())
    }

    /// A bit for each of the first 64 positions whose segment is in no query type.
    fn unknown(&self, sought: &Sought<'_>) -> u64 {
        let first = sought.segments.iter().enumerate().take(64);
        first.fold(0, |unknown, (at, Segment { ends, text, .. })| {
            let found = self.segments.find(self.seed.segment(*ends, text), *ends, text);
            unknown | u64::from(found.is_none()) << at
        })
    }

    /// Tries shapes. What is proposed is fetched from memory for many of them at once, before it is compared.
    fn attempt(
        &self,
        sought: &Sought<'_>,
        mut shapes: impl Iterator<Item = u32>,
        each: &mut impl FnMut(u32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        loop {
            let (mut promising, mut proposed) = ([NONE; TRIED], [NONE; TRIED]);
            let count = self.promising(sought, &mut shapes, &mut promising);
            let promising = promising.get(..count).unwrap_or_default();
            for (shape, row) in promising.iter().zip(&mut proposed) {
                *row = self.shapes.get(*shape).map_or(NONE, |shape| shape.rows.propose(shape.key(sought)));
            }
            let mut matching = [NONE; TRIED];
            let mut count_matching = 0;
            for (shape, row) in promising.iter().zip(&proposed) {
                if let Some(value) = self.shapes.get(*shape).and_then(|shape| shape.find(sought, *row, &self.segments))
                    && let Some(slot) = matching.get_mut(count_matching)
                {
                    *slot = value;
                    count_matching += 1;
                }
            }
            matching.iter().take(count_matching).try_for_each(|value| each(*value))?;
            if count < TRIED {
                return ControlFlow::Continue(());
            }
        }
    }

    /// Fills `promising` with the next of the shapes that may have a matching query type, and counts them.
    // On its own it is so small that all it needs stays in registers.
    #[inline(never)]
    fn promising(
        &self,
        sought: &Sought<'_>,
        shapes: &mut impl Iterator<Item = u32>,
        promising: &mut [u32; TRIED],
    ) -> usize {
        let mut count = 0;
        while let Some(slot) = promising.get_mut(count)
            && let Some(id) = shapes.next()
        {
            if let Some(shape) = self.shapes.get(id).filter(|shape| shape.suits(sought.len)) {
                *slot = id;
                count += usize::from(shape.rows.may_hold(shape.key(sought)));
            }
        }
        count
    }
}

/// A bit for each of the first 64 positions from `start` up to `end`.
fn between(start: u32, end: u32) -> u64 {
    let below = |end: u32| if end < 64 { (1_u64 << end) - 1 } else { u64::MAX };
    below(end) & !below(start)
}
