use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::ops::Bound;

use foldhash::quality::RandomState;
use hat_event_common::{Order, Timestamp};

use super::layout::{FIRST_ID, TimeKey};
use super::time_order::Range;

/// So many events a block has, unless events come in between later.
pub(super) const BLOCK_EVENTS: usize = 128;
/// Eight bits for an event.
const WORDS: usize = BLOCK_EVENTS / 8;
/// So many blocks all partitions together may have: about 22 MiB, for 16 million events. Of more, those at the end of each are
/// remembered.
pub(super) const MAX_BLOCKS: usize = 128 << 10;

/// So many of them a query looks at in one go.
const MAX_TOGETHER: usize = 64;

/// Which types stand where in a time series of the file, as far as it is known: a Bloom filter for each stretch of it.
///
/// A query for few types skips stretches that cannot have any of them. What is here may be more than what is in the file, and
/// is never less: types are added before the events are committed, and what is removed from the file stays until its
/// block goes.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    /// Each from its first key up to that of the next one, without a gap.
    blocks: VecDeque<Block>,
    /// What stands before this is not known.
    known_from: Option<TimeKey>,
    /// Whether nothing stands before that which could be looked at any more.
    is_complete: bool,
    /// The greatest key that was removed: who reads the file as it was before finds more up to there.
    removed: Option<TimeKey>,
    /// The greatest key.
    last: Option<TimeKey>,
    /// So many blocks there may be.
    max: usize,
    /// All its bits are used, and have to be as good as each other.
    hasher: RandomState,
}

#[derive(Debug)]
struct Block {
    first: TimeKey,
    events: usize,
    bits: [u64; WORDS],
}

/// A stretch that a query has to look at, and what is left of its range behind it.
pub(super) struct Stretch {
    pub(super) bounds: (Bound<TimeKey>, Bound<TimeKey>),
    pub(super) rest: Option<Range>,
}

impl Block {
    fn new(first: TimeKey) -> Self {
        Self { first, events: 0, bits: [0; WORDS] }
    }

    fn add(&mut self, hash: u64) {
        self.events += 1;
        for place in places(hash) {
            if let Some(word) = self.bits.get_mut(place / 64) {
                *word |= 1 << (place % 64);
            }
        }
    }

    /// Whether it may have an event with one of these types.
    fn may_have(&self, hashes: &[u64]) -> bool {
        let has = |place: usize| self.bits.get(place / 64).is_some_and(|word| word & (1 << (place % 64)) != 0);
        hashes.iter().any(|hash| places(*hash).into_iter().all(has))
    }
}

/// The bits of a type: four of them are best for eight bits an event, nearly.
fn places(hash: u64) -> [usize; 4] {
    [0, 16, 32, 48].map(|shift| (hash >> shift) as usize % (WORDS * 64))
}

impl Blocks {
    /// What is known of a time series: nothing of what stands in it, everything that is added.
    ///
    /// `last` is its last key, if there is one; more than `max` blocks are not remembered.
    pub(super) fn new(last: Option<TimeKey>, max: usize) -> Self {
        let is_complete = last.is_none();
        let known_from = is_complete.then_some((Timestamp::MIN, FIRST_ID));
        Self { known_from, is_complete, last, max: max.max(1), ..Self::default() }
    }

    /// The hash of a type, given as it stands in events of the file.
    pub(super) fn hash(&self, packed_type: &[u8]) -> u64 {
        self.hasher.hash_one(packed_type)
    }

    /// Events are about to be written.
    pub(super) fn add<'a>(&mut self, events: impl Iterator<Item = (TimeKey, &'a [u8])>) {
        for (key, packed_type) in events {
            let hash = self.hash(packed_type);
            if self.last.is_none_or(|last| last < key) {
                self.last = Some(key);
                self.push(key, hash);
            } else if self.known_from.is_some_and(|from| from <= key) {
                self.insert(key, hash);
            }
        }
    }

    /// Behind all others.
    fn push(&mut self, key: TimeKey, hash: u64) {
        self.known_from.get_or_insert(key);
        if self.blocks.back().is_none_or(|last| last.events >= BLOCK_EVENTS) {
            if self.blocks.len() >= self.max {
                self.forget_first();
            }
            self.blocks.push_back(Block::new(key));
        }
        if let Some(last) = self.blocks.back_mut() {
            last.add(hash);
        }
    }

    /// Among others.
    fn insert(&mut self, key: TimeKey, hash: u64) {
        let at = self.blocks.partition_point(|block| block.first <= key);
        match self.blocks.get_mut(at.saturating_sub(1)) {
            Some(block) => {
                block.first = block.first.min(key);
                block.add(hash);
            }
            None => self.push(key, hash),
        }
    }

    /// What is not known yet ends here; `None` if all is known, or nothing more may be remembered.
    pub(super) fn unknown_before(&self) -> Option<Bound<TimeKey>> {
        if self.is_complete || self.blocks.len() >= self.max {
            return None;
        }
        Some(self.known_from.map_or(Bound::Unbounded, Bound::Excluded))
    }

    /// Events that stand before all that is known, the last first; there are no others between. An event whose type cannot be
    /// read is found by every query. Fewer of them than [`BLOCK_EVENTS`] are the first of all.
    pub(super) fn add_before<'a>(&mut self, events: impl ExactSizeIterator<Item = (TimeKey, Option<&'a [u8]>)>) {
        self.is_complete = events.len() < BLOCK_EVENTS;
        let mut block: Option<Block> = None;
        for (key, packed_type) in events {
            if self.removed.is_some_and(|removed| key <= removed) {
                self.is_complete = true;
                break;
            }
            let block = block.get_or_insert_with(|| Block::new(key));
            block.first = key;
            match packed_type {
                Some(packed_type) => block.add(self.hasher.hash_one(packed_type)),
                None => block.bits = [u64::MAX; WORDS],
            }
        }
        let from = block.as_ref().map(|block| block.first);
        if let Some(block) = block {
            self.blocks.push_front(block);
        }
        let is_all = self.is_complete && self.removed.is_none();
        self.known_from = if is_all { Some((Timestamp::MIN, FIRST_ID)) } else { from.or(self.known_from) };
    }

    /// Events up to a key were removed. Who reads the file as it was before finds them all the same, as not known.
    pub(super) fn removed(&mut self, up_to: TimeKey) {
        self.removed = self.removed.max(Some(up_to));
        while self.blocks.get(1).is_some_and(|next| next.first <= up_to) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        self.blocks.pop_front();
        self.known_from = self.blocks.front().map(|block| block.first);
    }

    /// The next stretch of a range that may have events of these types; `None` if there is none.
    pub(super) fn next(&self, range: Range, hashes: &[u64]) -> Option<Stretch> {
        let (from, to) = range.bounds;
        let unknown = self.unknown(range);
        if let Some(bounds) = unknown
            && range.order == Order::Ascending
        {
            let known_from = self.known_from.filter(|known_from| is_before(*known_from, to));
            let rest = known_from.map(|known_from| Range { bounds: (Bound::Included(known_from), to), ..range });
            return Some(Stretch { bounds, rest });
        }
        let first_of = |at: usize| self.blocks.get(at).map(|block| block.first);
        let may_have = |at: &usize| self.blocks.get(*at).is_some_and(|block| block.may_have(hashes));
        // Blocks that are in the range, also in part.
        let low = self.blocks.partition_point(|block| !is_behind(block.first, from)).saturating_sub(1);
        let high = self.blocks.partition_point(|block| is_before(block.first, to));
        // Of these, the next that may have some, and those beside it that may too.
        let (begin, end) = match range.order {
            Order::Ascending => {
                let begin = (low..high).find(may_have)?;
                let most = high.min(begin + MAX_TOGETHER);
                (begin, (begin + 1..most).find(|at| !may_have(at)).unwrap_or(most))
            }
            Order::Descending => match (low..high).rev().find(may_have) {
                Some(last) => {
                    let most = low.max((last + 1).saturating_sub(MAX_TOGETHER));
                    ((most..last).rev().find(|at| !may_have(at)).map_or(most, |at| at + 1), last + 1)
                }
                None => return unknown.map(|bounds| Stretch { bounds, rest: None }),
            },
        };
        let from_first = first_of(begin).filter(|first| is_behind(*first, from));
        let to_next = first_of(end).filter(|_| end < high);
        let bounds = (from_first.map_or(from, Bound::Included), to_next.map_or(to, Bound::Excluded));
        let rest = match range.order {
            Order::Ascending => to_next.map(|next| (Bound::Included(next), to)),
            Order::Descending => from_first.map(|first| (from, Bound::Excluded(first))),
        };
        Some(Stretch { bounds, rest: rest.map(|bounds| Range { bounds, ..range }) })
    }

    /// The part of a range of which nothing is known.
    fn unknown(&self, range: Range) -> Option<(Bound<TimeKey>, Bound<TimeKey>)> {
        let (from, to) = range.bounds;
        let Some(known_from) = self.known_from else { return Some(range.bounds) };
        let is_in = known_from > (Timestamp::MIN, FIRST_ID) && is_behind(known_from, from);
        is_in.then_some((from, if is_before(known_from, to) { Bound::Excluded(known_from) } else { to }))
    }
}

/// Whether a key stands behind the beginning of a range and is not the first of it.
fn is_behind(key: TimeKey, from: Bound<TimeKey>) -> bool {
    match from {
        Bound::Included(from) | Bound::Excluded(from) => key > from,
        Bound::Unbounded => true,
    }
}

/// Whether a key stands before the end of a range, or is the last of it.
fn is_before(key: TimeKey, to: Bound<TimeKey>) -> bool {
    match to {
        Bound::Included(to) => key <= to,
        Bound::Excluded(to) => key < to,
        Bound::Unbounded => true,
    }
}

#[cfg(test)]
mod tests;
