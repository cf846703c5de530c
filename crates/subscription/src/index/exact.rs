use std::collections::HashMap;

use super::hash::Seed;
use super::table::Table;
use crate::slab::NONE;

/// Query types without wildcards, found by one hash of all their bytes, each with a value.
///
/// They are packed event types and lie one behind the other in chunks of memory, without a pointer to each: a number
/// tells the place. Room of those that were removed is given to others of about the same length.
#[derive(Clone, Debug)]
pub(super) struct Exact {
    seed: Seed,
    table: Table,
    chunks: Vec<Box<[u8]>>,
    /// How many units of the last chunk are taken.
    taken: usize,
    /// Places that are not used any more, by how many units they have.
    free: HashMap<usize, Vec<u32>>,
}

/// Query types begin at multiples of so many bytes.
const UNIT: usize = 8;

/// A chunk has so many units, unless a query type needs more and gets one of its own.
const CHUNK: usize = 8192;

/// In front of a query type stand its value and a byte with its length: this one if the length follows.
const VALUE: usize = 4;
const LONG: u8 = 255;

/// Tells hashes of whole types from others under the same seed.
const KIND: u64 = u64::MAX;

impl Exact {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, table: Table::new(), chunks: Vec::new(), taken: CHUNK, free: HashMap::new() }
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        let mut table = std::mem::take(&mut self.table);
        table.reserve(more, |number| self.hash(self.packed(number)));
        self.table = table;
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    #[inline]
    pub(super) fn hash(&self, packed: &[u8]) -> u64 {
        self.seed.text(KIND, packed)
    }

    /// A query type that may be the one with this hash, see [`Table::propose`], or [`NONE`]. It is fetched from memory.
    #[inline]
    pub(super) fn propose(&self, hash: u64) -> u32 {
        let number = self.table.propose(hash).unwrap_or(NONE);
        if self.value(number) == NONE { NONE } else { number }
    }

    #[inline]
    pub(super) fn find(&self, hash: u64, packed: &[u8]) -> Option<u32> {
        self.table.find(hash, |number| self.is(number, packed))
    }

    #[inline]
    pub(super) fn is(&self, number: u32, packed: &[u8]) -> bool {
        // Most are short, and how long a packed event type is stands in it. So its length need not be compared.
        match self.record(number).and_then(|record| record.get(VALUE..)) {
            Some([len, rest @ ..]) if *len != LONG => rest.get(..packed.len()) == Some(packed),
            _ => self.packed(number) == packed,
        }
    }

    /// The value of a query type: [`NONE`] until there is one.
    #[inline]
    pub(super) fn value(&self, number: u32) -> u32 {
        let value = self.record(number).and_then(<[u8]>::first_chunk);
        value.map_or(NONE, |value| u32::from_le_bytes(*value))
    }

    pub(super) fn set_value(&mut self, number: u32, value: u32) {
        if let Some(held) = self.record_mut(number).and_then(<[u8]>::first_chunk_mut) {
            *held = value.to_le_bytes();
        }
    }

    pub(super) fn insert(&mut self, hash: u64, packed: &[u8]) -> u32 {
        let (head_len, len) = head(packed.len());
        let number = self.unused(units(head_len + packed.len()));
        if let Some((head, rest)) = self.record_mut(number).and_then(|record| record.split_at_mut_checked(head_len))
            && let (Some((value, lens)), Some(place)) = (head.split_first_chunk_mut(), rest.get_mut(..packed.len()))
            && let Some((short, long)) = lens.split_first_mut()
        {
            *value = NONE.to_le_bytes();
            *short = len;
            long.copy_from_slice(packed.len().to_le_bytes().get(..long.len()).unwrap_or_default());
            place.copy_from_slice(packed);
        }
        let mut table = std::mem::take(&mut self.table);
        table.insert(hash, number, |number| self.hash(self.packed(number)));
        self.table = table;
        number
    }

    pub(super) fn remove(&mut self, number: u32) {
        let packed = self.packed(number);
        let (head_len, _) = head(packed.len());
        let (hash, units) = (self.hash(packed), units(head_len + packed.len()));
        self.table.remove(hash, number);
        self.free.entry(units).or_default().push(number);
        if self.table.len() == 0 {
            *self = Self::new(self.seed);
        }
    }

    /// The bytes of a query type.
    fn packed(&self, number: u32) -> &[u8] {
        let packed = match self.record(number).and_then(|record| record.get(VALUE..)) {
            Some([LONG, rest @ ..]) => {
                rest.split_first_chunk().and_then(|(len, rest)| rest.get(..usize::from_le_bytes(*len)))
            }
            Some([len, rest @ ..]) => rest.get(..usize::from(*len)),
            _ => None,
        };
        packed.unwrap_or_default()
    }

    /// A place of so many units.
    fn unused(&mut self, units: usize) -> u32 {
        if let Some(number) = self.free.get_mut(&units).and_then(Vec::pop) {
            return number;
        }
        if self.taken + units > CHUNK {
            self.chunks.push(vec![0; units.max(CHUNK) * UNIT].into());
            self.taken = 0;
        }
        let number = (self.chunks.len() - 1) * CHUNK + self.taken;
        self.taken += units;
        assert!(number < NONE as usize, "an index holds at most 32 GiB of exact query types");
        number as u32
    }

    /// The memory from the place of a query type on.
    #[inline]
    fn record(&self, number: u32) -> Option<&[u8]> {
        let number = number as usize;
        self.chunks.get(number / CHUNK)?.get(number % CHUNK * UNIT..)
    }

    fn record_mut(&mut self, number: u32) -> Option<&mut [u8]> {
        let number = number as usize;
        self.chunks.get_mut(number / CHUNK)?.get_mut(number % CHUNK * UNIT..)
    }
}

/// How many bytes stand in front of a query type, and the one that tells its length.
fn head(len: usize) -> (usize, u8) {
    match u8::try_from(len) {
        Ok(len) if len < LONG => (VALUE + 1, len),
        _ => (VALUE + 1 + size_of::<usize>(), LONG),
    }
}

fn units(bytes: usize) -> usize {
    bytes.div_ceil(UNIT)
}

#[cfg(test)]
mod tests {
    use hat_event_types::EventType;

    use super::*;

    fn packed(len: usize) -> Vec<u8> {
        EventType::from([&*"x".repeat(len), "y"]).as_packed().to_vec()
    }

    fn insert(exact: &mut Exact, packed: &[u8]) -> u32 {
        exact.insert(exact.hash(packed), packed)
    }

    fn find(exact: &Exact, packed: &[u8]) -> Option<u32> {
        exact.find(exact.hash(packed), packed)
    }

    #[test]
    fn types_of_any_length_are_kept() {
        let mut exact = Exact::new(Seed::random());
        let all: Vec<Vec<u8>> = [0, 1, 100, 249, 250, 251, 252, 300, 70_000, 2, 200_000, 3].map(packed).into();
        let numbers: Vec<u32> = all.iter().map(|packed| insert(&mut exact, packed)).collect();
        for (packed, number) in all.iter().zip(&numbers) {
            assert_eq!((exact.packed(*number), find(&exact, packed)), (&packed[..], Some(*number)));
            assert_eq!((exact.value(*number), exact.propose(exact.hash(packed))), (NONE, NONE));
            exact.set_value(*number, 7);
            assert_eq!(exact.value(*number), 7);
            assert!(!exact.is(*number, &packed[1..]) && !exact.is(*number, &[&packed[..], b"z"].concat()));
        }
        assert_eq!(find(&exact, &packed(4)), None);
        let proposed = all.iter().zip(numbers).filter(|(packed, number)| exact.propose(exact.hash(packed)) == *number);
        assert!(proposed.count() > all.len() / 2);
    }

    #[test]
    fn room_is_used_again() {
        let mut exact = Exact::new(Seed::random());
        let stays = insert(&mut exact, &packed(50));
        let mut last = 0;
        for round in 0..1000 {
            let all: Vec<Vec<u8>> = (0..100).map(|i| packed(100 + (round + i) % 100)).collect();
            let numbers: Vec<u32> = all.iter().map(|packed| insert(&mut exact, packed)).collect();
            last = last.max(*numbers.iter().max().unwrap());
            numbers.iter().for_each(|number| exact.remove(*number));
        }
        assert!(last < CHUNK as u32 && exact.chunks.len() == 1, "{last}");
        exact.remove(stays);
        assert!(exact.len() == 0 && exact.chunks.is_empty());
    }
}
