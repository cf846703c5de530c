use super::hash::{Ends, Seed};
use super::table::Table;
use crate::slab::Slab;

/// Small numbers for the segments of query types, so that query types take little memory and are compared at once.
#[derive(Clone, Debug)]
pub(super) struct Segments {
    seed: Seed,
    table: Table,
    segments: Slab<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    ends: Ends,
    len: usize,
    /// All of it, where its ends are not.
    long: Option<Box<[u8]>>,
    hash: u64,
    /// How often this is a segment of a query type.
    uses: u64,
}

impl Segments {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, table: Table::new(), segments: Slab::new() }
    }

    /// The hash of a segment by its number.
    pub(super) fn hash_of(&self, number: u32) -> u64 {
        self.segments.get(number).map_or(0, |segment| segment.hash)
    }

    /// The number of a segment, if it has one.
    pub(super) fn find(&self, hash: u64, ends: Ends, text: &[u8]) -> Option<u32> {
        self.table.find(hash, |number| self.is(number, ends, text))
    }

    /// Whether this is the number of a segment.
    #[inline]
    pub(super) fn is(&self, number: u32, ends: Ends, text: &[u8]) -> bool {
        self.segments.get(number).is_some_and(|held| {
            held.ends == ends && held.len == text.len() && held.long.as_ref().is_none_or(|long| **long == *text)
        })
    }

    /// Counts one more use of a segment, which gets a number with the first. Tells its hash too.
    pub(super) fn acquire(&mut self, text: &[u8]) -> (u32, u64) {
        let ends = Ends::of(text);
        let hash = self.seed.segment(ends, text);
        let found = self.find(hash, ends, text);
        if let Some(number) = found
            && let Some(segment) = self.segments.get_mut(number)
        {
            segment.uses += 1;
            return (number, hash);
        }
        let long = (text.len() > Ends::ALL).then(|| text.into());
        let number = self.segments.insert(Entry { ends, len: text.len(), long, hash, uses: 1 });
        let hash_of = |number| self.segments.get(number).map_or(0, |segment| segment.hash);
        self.table.insert(hash, number, hash_of);
        (number, hash)
    }

    /// Takes back a use of a segment. Its number is given away again after the last.
    pub(super) fn release(&mut self, number: u32) {
        let Some(segment) = self.segments.get_mut(number) else { return };
        segment.uses -= 1;
        if segment.uses == 0 {
            self.table.remove(segment.hash, number);
            self.segments.remove(number);
        }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(segments: &Segments, text: &[u8]) -> Option<u32> {
        let ends = Ends::of(text);
        segments.find(segments.seed.segment(ends, text), ends, text)
    }

    #[test]
    fn numbers_last_as_long_as_they_are_used() {
        let mut segments = Segments::new(Seed::random());
        let long = [7; 100];
        let ((a, _), (b, _)) = (segments.acquire(b"a"), segments.acquire(&long));
        assert_ne!(a, b);
        assert_eq!((segments.acquire(b"a").0, find(&segments, &long)), (a, Some(b)));
        assert_eq!(find(&segments, &long[1..]), None);
        segments.release(a);
        assert_eq!(find(&segments, b"a"), Some(a));
        segments.release(a);
        assert_eq!((find(&segments, b"a"), find(&segments, &long)), (None, Some(b)));
        segments.release(b);
        assert_eq!(segments.len(), 0);
    }

    #[test]
    fn texts_of_all_lengths_are_told_apart() {
        let mut segments = Segments::new(Seed::random());
        let texts: Vec<Vec<u8>> = (0..40)
            .flat_map(|len| {
                let ones = (0..len).map(move |at| (0..len).map(|i| u8::from(i == at)).collect());
                ones.chain([vec![0; len]]).collect::<Vec<Vec<u8>>>()
            })
            .collect();
        for (number, text) in (0..).zip(&texts) {
            let (acquired, hash) = segments.acquire(text);
            assert_eq!((acquired, hash), (number, segments.hash_of(number)), "{text:?}");
        }
        assert!(texts.iter().zip(0..).all(|(text, number)| find(&segments, text) == Some(number)));
    }
}
