use super::chunks::Chunks;
use super::hash::Seed;
use super::table::Table;
use crate::slab::NONE;

/// Query types without wildcards, found by one hash of all their bytes, each with a value.
///
/// They are packed event types and lie one behind the other, without a pointer to each: a number tells the place.
#[derive(Clone, Debug)]
pub(super) struct Exact {
    seed: Seed,
    table: Table,
    chunks: Chunks,
}

/// In front of a query type stand its value and a byte with its length: this one if the length follows.
const VALUE: usize = 4;
const LONG: u8 = 255;

impl Exact {
    pub(super) fn new(seed: Seed) -> Self {
        Self { seed, table: Table::new(), chunks: Chunks::default() }
    }

    /// Makes room for so many more.
    pub(super) fn reserve(&mut self, more: usize) {
        let Self { seed, table, chunks } = self;
        table.reserve(more, |number| seed.event_type(packed(chunks, number)));
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.table.len()
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
    pub(super) fn is(&self, number: u32, wanted: &[u8]) -> bool {
        // Most are short, and how long a packed event type is stands in it. So its length need not be compared.
        match self.chunks.get(number).and_then(|record| record.get(VALUE..)) {
            Some([len, rest @ ..]) if *len != LONG => rest.get(..wanted.len()) == Some(wanted),
            _ => packed(&self.chunks, number) == wanted,
        }
    }

    /// The value of a query type: [`NONE`] until there is one.
    #[inline]
    pub(super) fn value(&self, number: u32) -> u32 {
        let value = self.chunks.get(number).and_then(<[u8]>::first_chunk);
        value.map_or(NONE, |value| u32::from_le_bytes(*value))
    }

    pub(super) fn set_value(&mut self, number: u32, value: u32) {
        if let Some(held) = self.chunks.get_mut(number).and_then(<[u8]>::first_chunk_mut) {
            *held = value.to_le_bytes();
        }
    }

    pub(super) fn insert(&mut self, hash: u64, query_type: &[u8]) -> u32 {
        let Self { seed, table, chunks } = self;
        let (head, len) = head(query_type.len());
        let number = chunks.take(head + query_type.len());
        let long = query_type.len().to_le_bytes();
        let long = if len == LONG { &long[..] } else { &[] };
        let bytes = NONE.to_le_bytes().into_iter().chain([len]).chain(long.iter().copied());
        let record = chunks.get_mut(number).unwrap_or_default();
        record.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        if let Some(place) = record.get_mut(head..head + query_type.len()) {
            place.copy_from_slice(query_type);
        }
        table.insert(hash, number, |number| seed.event_type(packed(chunks, number)));
        number
    }

    pub(super) fn remove(&mut self, number: u32) {
        let query_type = packed(&self.chunks, number);
        let (head, _) = head(query_type.len());
        self.table.remove(self.seed.event_type(query_type), number);
        self.chunks.give_back(number, head + query_type.len());
    }
}

/// The bytes of a query type.
fn packed(chunks: &Chunks, number: u32) -> &[u8] {
    let packed = match chunks.get(number).and_then(|record| record.get(VALUE..)) {
        Some([LONG, rest @ ..]) => {
            rest.split_first_chunk().and_then(|(len, rest)| rest.get(..usize::from_le_bytes(*len)))
        }
        Some([len, rest @ ..]) => rest.get(..usize::from(*len)),
        _ => None,
    };
    packed.unwrap_or_default()
}

/// How many bytes stand in front of a query type, and the one that tells its length.
fn head(len: usize) -> (usize, u8) {
    match u8::try_from(len) {
        Ok(len) if len < LONG => (VALUE + 1, len),
        _ => (VALUE + 1 + size_of::<usize>(), LONG),
    }
}

#[cfg(test)]
mod tests {
    use hat_event_types::EventType;

    use super::*;

    fn sample(len: usize) -> Vec<u8> {
        EventType::from([&*"x".repeat(len), "y"]).as_packed().to_vec()
    }

    fn find(exact: &Exact, packed: &[u8]) -> Option<u32> {
        exact.find(exact.seed.event_type(packed), packed)
    }

    #[test]
    fn types_of_any_length_are_kept() {
        let mut exact = Exact::new(Seed::random());
        let all: Vec<Vec<u8>> = [0, 1, 100, 249, 250, 251, 252, 300, 70_000, 2, 200_000, 3].map(sample).into();
        let numbers: Vec<u32> = all.iter().map(|sample| exact.insert(exact.seed.event_type(sample), sample)).collect();
        for (sample, number) in all.iter().zip(&numbers) {
            assert_eq!((packed(&exact.chunks, *number), find(&exact, sample)), (&sample[..], Some(*number)));
            assert_eq!((exact.value(*number), exact.propose(exact.seed.event_type(sample))), (NONE, NONE));
            exact.set_value(*number, 7);
            assert_eq!(exact.value(*number), 7);
            assert!(!exact.is(*number, &sample[1..]) && !exact.is(*number, &[&sample[..], b"z"].concat()));
        }
        assert_eq!(find(&exact, &sample(4)), None);
        let proposed = |(sample, number): &(&Vec<u8>, &u32)| exact.propose(exact.seed.event_type(sample)) == **number;
        assert!(all.iter().zip(&numbers).filter(proposed).count() > all.len() / 2);
        for (sample, number) in all.iter().zip(numbers) {
            exact.remove(number);
            assert_eq!(find(&exact, sample), None);
        }
        assert_eq!(exact.len(), 0);
    }
}
