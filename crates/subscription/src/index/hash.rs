use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};

/// Hashes text under secret numbers, so that nobody can choose text that collides.
///
/// The numbers come from the standard library's [`RandomState`] and differ in each structure. Text is taken in pieces of
/// sixteen bytes that are multiplied to 128 bits and folded to 64, as wyhash and its relatives do: one multiplication
/// for nearly all segments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seed([u64; 3]);

impl Seed {
    pub(crate) fn random() -> Self {
        let state = RandomState::new();
        Self([0, 1, 2].map(|i: u64| state.hash_one(i)))
    }

    /// Hashes a number.
    #[inline]
    pub(crate) fn number(&self, number: u64) -> u64 {
        let Self([a, b, _]) = *self;
        fold(number ^ a, b)
    }

    /// Hashes text, differently for each `place`.
    #[inline]
    pub(crate) fn text(&self, place: u64, text: &[u8]) -> u64 {
        let Self([_, b, c]) = *self;
        // No text may undo what another place does: keys of segments are combined by exclusive or.
        let mut state = self.number(place);
        let mut rest = text;
        if text.len() > 64 {
            // Two multiplications at a time.
            let mut other = state ^ c;
            while let Some((piece, after)) = rest.split_first_chunk::<32>()
                && let (Some(first), Some(second)) = (piece.first_chunk(), piece.last_chunk())
                && !after.is_empty()
            {
                state = fold_piece(state, b, first);
                other = fold_piece(other, b, second);
                rest = after;
            }
            state ^= other;
        }
        while let Some((piece, after)) = rest.split_first_chunk()
            && !after.is_empty()
        {
            state = fold_piece(state, b, piece);
            rest = after;
        }
        // The last pieces overlap, which costs nothing, as the length is hashed too.
        let (low, high) = if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
            (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
        } else if let (Some(first), Some(last)) = (rest.first_chunk(), rest.last_chunk()) {
            (u32::from_le_bytes(*first).into(), u32::from_le_bytes(*last).into())
        } else if let [first, .., last] = rest {
            (u64::from(*first), u64::from(*last) << 8 | rest.get(1).map_or(0, |&middle| middle.into()))
        } else {
            (rest.first().map_or(0, |&byte| byte.into()), 0)
        };
        fold(fold(low ^ state, high ^ b), c ^ text.len() as u64)
    }
}

/// A map by keys that are hashes already.
pub(super) type KeyMap<V> = HashMap<u64, V, BuildHasherDefault<KeyHasher>>;

/// Takes one `u64` for its own hash.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

#[inline]
fn fold_piece(state: u64, secret: u64, piece: &[u8; 16]) -> u64 {
    let piece = u128::from_le_bytes(*piece);
    fold(piece as u64 ^ state, (piece >> 64) as u64 ^ secret)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_byte_the_length_and_the_place_count() {
        let seed = Seed::random();
        let mut hashes = HashSet::new();
        for len in 0..140 {
            let mut text = vec![0; len];
            for place in 0..3 {
                assert!(hashes.insert(seed.text(place, &text)), "{len} zeros at {place}");
            }
            for i in 0..len {
                text[i] = 1;
                assert!(hashes.insert(seed.text(0, &text)), "byte {i} of {len}");
                text[i] = 0;
            }
        }
    }

    #[test]
    fn seeds_differ() {
        let (one, two) = (Seed::random(), Seed::random());
        assert_ne!(one.text(0, b"text"), two.text(0, b"text"));
        assert_eq!(one.text(0, b"text"), one.text(0, b"text"));
    }

    #[test]
    fn places_differ_by_what_nobody_knows() {
        let [one, two] = [Seed::random(), Seed::random()].map(|seed| seed.number(0) ^ seed.number(1));
        assert_ne!(one, two);
    }

    #[test]
    fn both_ends_of_a_hash_spread() {
        // The table takes the upper half, its first bits for the place. 4096 texts into 4096 buckets fill about 63 %.
        let seed = Seed::random();
        for shift in [0, 20, 32, 52] {
            let full: HashSet<u64> =
                (0..4096).map(|i| seed.text(1, format!("segment {i}").as_bytes()) >> shift & 4095).collect();
            assert!((2400..2800).contains(&full.len()), "{} at {shift}", full.len());
        }
    }
}
