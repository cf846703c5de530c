use super::bucket::{Bucket, PLACES, place_of, tag};

/// Finds numbers by hashes: open addressing in buckets of one cache line.
///
/// A bucket holds up to eight numbers, each with a tag of 16 bits of its hash, so that a look for what is not there mostly
/// ends after one access to memory and without comparing anything else. Other bits of the hash tell the bucket; what
/// finds it full goes to the next one, and each full bucket counts how many went past. So a look ends at the first bucket
/// that nobody passed, also after any number of removals.
///
/// Hashes are not kept: who inserts tells the hash of any number held, for the time when the table grows. Several numbers
/// may have one hash: what was meant is for the caller to tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// For each bucket two bits for each tag that is there or came past, which is all that most looks see of it.
    filters: Vec<u64>,
    buckets: Vec<Bucket>,
    taken: usize,
}

/// So many numbers a bucket, on average, before the table grows by half: about a third of the buckets are full then.
const FULL: usize = 6;

impl Table {
    pub(crate) const fn new() -> Self {
        Self { filters: Vec::new(), buckets: Vec::new(), taken: 0 }
    }

    fn with_buckets(count: usize) -> Self {
        Self { filters: vec![0; count], buckets: vec![Bucket::default(); count], taken: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.taken
    }

    /// Whether there may be a number with this hash: wrong in a few of a hundred cases where there is none. There is no
    /// jump in here that waits for memory, so many such looks can wait together.
    #[inline]
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        let bits = filter_bits(hash);
        self.filters.get(self.home(hash)).is_some_and(|filter| filter & bits == bits)
    }

    /// The number that the first bucket proposes for this hash, for those who want to ask memory about it before they
    /// compare. It may have another hash, and there may be more with the same.
    #[inline]
    pub(crate) fn propose(&self, hash: u64) -> Option<u32> {
        let bucket = self.buckets.get(self.home(hash))?;
        let found = bucket.find(tag(hash));
        if found == 0 { None } else { bucket.numbers.get(place_of(found)).copied() }
    }

    /// The first of the numbers with this hash that `accept` takes; it may be asked about numbers with another hash.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut accept: impl FnMut(u32) -> bool) -> Option<u32> {
        let tag = tag(hash);
        let mut place = self.home(hash);
        // After removals all buckets may have been passed, but none need be seen twice.
        for _ in 0..self.buckets.len() {
            let bucket = self.buckets.get(place)?;
            let mut found = bucket.find(tag);
            while found != 0 {
                if let Some(&number) = bucket.numbers.get(place_of(found))
                    && accept(number)
                {
                    return Some(number);
                }
                found &= found - 1;
            }
            if bucket.passed == 0 {
                return None;
            }
            place = self.next(place);
        }
        None
    }

    /// Adds a number. `hash_of` tells the hashes of those that were added before.
    pub(crate) fn insert(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        self.reserve(1, hash_of);
        self.put(hash, number);
        self.taken += 1;
    }

    /// Makes room for so many more numbers, so that the table need not grow before. `hash_of` is as in [`Self::insert`].
    pub(crate) fn reserve(&mut self, more: usize, hash_of: impl Fn(u32) -> u64) {
        let buckets = (self.taken + more).div_ceil(FULL);
        if buckets > self.buckets.len() {
            // By half at least: else many small steps would each move all.
            self.grow(buckets.max(self.buckets.len() * 3 / 2 + 1), hash_of);
        }
    }

    fn grow(&mut self, buckets: usize, hash_of: impl Fn(u32) -> u64) {
        let mut grown = Self::with_buckets(buckets);
        for bucket in &self.buckets {
            for (at, &number) in bucket.numbers.iter().enumerate() {
                if bucket.tag(at) != 0 {
                    grown.put(hash_of(number), number);
                }
            }
        }
        *self = Self { taken: self.taken, ..grown };
    }

    /// Removes a number that was added with this hash.
    pub(crate) fn remove(&mut self, hash: u64, number: u32) {
        let tag = tag(hash);
        let home = self.home(hash);
        let mut place = home;
        for _ in 0..self.buckets.len() {
            let Some(bucket) = self.buckets.get_mut(place) else { return };
            let mut held = bucket.numbers.iter().enumerate();
            if let Some((at, _)) = held.find(|(at, held)| **held == number && bucket.tag(*at) == tag) {
                bucket.set_tag(at, 0);
                self.clear_filter(place);
                self.taken -= 1;
                return self.pass_back(home, place);
            }
            place = self.next(place);
        }
    }

    /// Takes back that a number passed the buckets from `home` up to `place`, where it was.
    fn pass_back(&mut self, home: usize, place: usize) {
        let mut passed = home;
        while passed != place
            && let Some(bucket) = self.buckets.get_mut(passed)
        {
            bucket.passed -= 1;
            self.clear_filter(passed);
            passed = self.next(passed);
        }
    }

    /// Takes the bits of what is gone from a filter, unless others came past, whose bits are not known any more.
    fn clear_filter(&mut self, place: usize) {
        if let (Some(filter), Some(bucket)) = (self.filters.get_mut(place), self.buckets.get(place))
            && bucket.passed == 0
        {
            let tags = (0..PLACES).map(|at| bucket.tag(at)).filter(|tag| *tag != 0);
            *filter = tags.map(|tag| filter_bits(tag.into())).fold(0, |all, bits| all | bits);
        }
    }

    /// The first bucket to look at for a hash.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.buckets.len() as u64) >> 32) as usize
    }

    #[inline]
    fn next(&self, place: usize) -> usize {
        if place + 1 < self.buckets.len() { place + 1 } else { 0 }
    }

    fn put(&mut self, hash: u64, number: u32) {
        let tag = tag(hash);
        let mut place = self.home(hash);
        while let (Some(bucket), Some(filter)) = (self.buckets.get_mut(place), self.filters.get_mut(place)) {
            *filter |= filter_bits(hash);
            if let Some(at) = (0..PLACES).find(|at| bucket.tag(*at) == 0)
                && let Some(held) = bucket.numbers.get_mut(at)
            {
                *held = number;
                return bucket.set_tag(at, tag);
            }
            bucket.passed += 1;
            place = self.next(place);
        }
    }
}

/// Two bits by the lowest twelve of a hash or of its tag.
#[inline]
fn filter_bits(hash: u64) -> u64 {
    1_u64.wrapping_shl(hash as u32) | 1_u64.wrapping_shl(hash as u32 >> 6)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Few hashes, around the end of the table; the numbers tell theirs.
    const HASHES: [u64; 6] = [0, 1, 0x8000_0000_0000_0001, 0xFFFF_FFFF_0000_0000, u64::MAX, 0xFFFF_FFFF_0001_FFFF];

    fn hash_of(number: u32) -> u64 {
        HASHES[number as usize % HASHES.len()]
    }

    fn all(table: &Table, hash: u64) -> Vec<u32> {
        let mut numbers = Vec::new();
        table.find(hash, |number| {
            numbers.push(number);
            false
        });
        numbers.sort();
        numbers
    }

    proptest! {
        #[test]
        fn holds_what_was_added_and_not_removed(steps in prop::collection::vec((0..150u32, any::<bool>()), 0..600)) {
            let mut table = Table::new();
            let mut model: Vec<u32> = Vec::new();
            for (number, add) in steps {
                match model.iter().position(|held| *held == number) {
                    None if add => {
                        table.insert(hash_of(number), number, hash_of);
                        model.push(number);
                    }
                    Some(i) if !add => {
                        table.remove(hash_of(number), number);
                        model.swap_remove(i);
                    }
                    _ => {}
                }
                prop_assert_eq!(table.len(), model.len());
            }
            for hash in HASHES {
                let found = all(&table, hash);
                let mut expected = model.iter().filter(|number| hash_of(**number) == hash);
                // Others with the same tag may be proposed.
                prop_assert!(expected.all(|number| found.contains(number) && table.may_hold(hash)));
                prop_assert!(table.propose(hash).is_none_or(|number| found.contains(&number)));
            }
            for number in model {
                table.remove(hash_of(number), number);
            }
            prop_assert!(table.buckets.iter().all(|bucket| bucket.passed == 0 && bucket.tags == [0; 2]));
            prop_assert!(table.filters.iter().all(|filter| *filter == 0));
            prop_assert!(HASHES.iter().all(|hash| !table.may_hold(*hash) && all(&table, *hash).is_empty()));
        }
    }

    #[test]
    fn a_look_ends_where_all_buckets_were_passed() {
        let hashes = [1, 0xFFFF_FFFF_0000_0001];
        let hash_of = |number: u32| hashes[number as usize % 2];
        let mut table = Table::with_buckets(2);
        // The first bucket is full and is passed. Then it has room for what passes the second.
        (0..18).step_by(2).for_each(|number| table.put(hash_of(number), number));
        table.taken = 9;
        table.remove(hash_of(0), 0);
        (1..17).step_by(2).for_each(|number| table.put(hash_of(number), number));
        assert!(table.buckets.iter().all(|bucket| bucket.passed > 0));
        assert_eq!(table.find(1, |_| false), None);
        table.taken = 16;
        table.remove(1, 1000);
        assert_eq!(table.len(), 16);
    }

    #[test]
    fn a_table_without_buckets_finds_nothing() {
        let mut table = Table::new();
        assert_eq!(table.find(7, |_| true), None);
        assert!(!table.may_hold(7));
        table.remove(7, 0);
        assert_eq!(table.len(), 0);
    }
}
