use std::hash::{BuildHasher, Hasher, RandomState};

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

    /// Hashes a hash once more, differently for each `place`.
    ///
    /// Hashes of segments are combined by exclusive or, and no segment may undo what stands at another place.
    #[inline]
    pub(crate) fn at(&self, place: usize, hash: u64) -> u64 {
        let Self([a, b, c]) = *self;
        fold(hash ^ b.wrapping_mul(place as u64).wrapping_add(a), c)
    }

    /// Hashes text, differently for each `kind`.
    #[inline]
    pub(crate) fn text(&self, kind: u64, text: &[u8]) -> u64 {
        let Self([_, b, c]) = *self;
        let mut state = self.number(kind);
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
        let Ends { low, high } = Ends::of(rest);
        fold(fold(low ^ state, high ^ b), c ^ text.len() as u64)
    }

    /// Hashes a packed event type as a whole.
    #[inline]
    pub(crate) fn event_type(&self, packed: &[u8]) -> u64 {
        self.text(u64::MAX, packed)
    }

    /// Hashes a segment by its ends, of which the text needs no other look if it is short.
    #[inline]
    pub(crate) fn segment(&self, ends: Ends, text: &[u8]) -> u64 {
        const KIND: u64 = u64::MAX - 1;
        if text.len() <= Ends::ALL { self.short(KIND, ends, text.len()) } else { self.text(KIND, text) }
    }

    /// Hashes text of at most 16 bytes, as [`Self::text`] does, by its ends and its length.
    #[inline]
    fn short(&self, kind: u64, Ends { low, high }: Ends, len: usize) -> u64 {
        let Self([_, b, c]) = *self;
        fold(fold(low ^ self.number(kind), high ^ b), c ^ len as u64)
    }
}

/// Both ends of text. Of text of at most 16 bytes they tell all, together with its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    low: u64,
    high: u64,
}

impl Ends {
    /// Up to so many bytes the ends of text are all of it.
    pub(crate) const ALL: usize = 16;

    #[inline]
    pub(crate) fn of(text: &[u8]) -> Self {
        let len = text.len();
        let four = |at: usize| {
            let four = text.get(at..).and_then(<[u8]>::first_chunk);
            four.map_or(0, |four| u64::from(u32::from_le_bytes(*four)))
        };
        // Pieces overlap where there are less than 16 bytes, and there is no jump that tells these lengths apart.
        let (low, high) = if len >= 4 {
            let next = if len >= 8 { 4 } else { 0 };
            (four(0) | four(next) << 32, four(len - 4 - next) | four(len - 4) << 32)
        } else if let [first, .., last] = text {
            (u64::from(*first), u64::from(*last) << 8 | text.get(1).map_or(0, |&middle| middle.into()))
        } else {
            (text.first().map_or(0, |&byte| byte.into()), 0)
        };
        Self { low, high }
    }
}

/// For the standard library's maps and sets by numbers.
impl BuildHasher for Seed {
    type Hasher = NumberHasher;

    fn build_hasher(&self) -> NumberHasher {
        NumberHasher { seed: *self, hash: 0 }
    }
}

/// Hashes numbers.
#[derive(Clone, Debug)]
pub(crate) struct NumberHasher {
    seed: Seed,
    hash: u64,
}

impl Hasher for NumberHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.hash = self.seed.text(self.hash, bytes);
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.hash = self.seed.number(self.hash ^ number);
    }

    fn finish(&self) -> u64 {
        self.hash
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
    fn every_byte_the_length_and_the_kind_count() {
        let seed = Seed::random();
        let mut hashes = HashSet::new();
        for len in 0..140 {
            let mut text = vec![0; len];
            for kind in 0..3 {
                assert!(hashes.insert(seed.text(kind, &text)), "{len} zeros of kind {kind}");
            }
            for i in 0..len {
                text[i] = 1;
                assert!(hashes.insert(seed.text(0, &text)), "byte {i} of {len}");
                text[i] = 0;
            }
        }
    }

    #[test]
    fn short_text_has_the_hash_of_text() {
        let seed = Seed::random();
        for len in 0..=Ends::ALL {
            let text: Vec<u8> = (1..=len as u8).collect();
            assert_eq!(seed.short(7, Ends::of(&text), len), seed.text(7, &text));
        }
    }

    #[test]
    fn every_byte_of_short_text_is_in_its_ends() {
        for len in 0..=Ends::ALL {
            let zeros = vec![0; len];
            for at in 0..len {
                let mut text = zeros.clone();
                text[at] = 1;
                assert_ne!(Ends::of(&text), Ends::of(&zeros), "byte {at} of {len}");
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
        let [one, two] = [Seed::random(), Seed::random()].map(|seed| seed.at(0, 1) ^ seed.at(1, 1));
        assert_ne!(one, two);
    }

    #[test]
    fn both_ends_of_a_hash_spread() {
        // The table takes the upper half for the bucket and the lower end for the tag. 4096 texts into 4096 fill about 63 %.
        let seed = Seed::random();
        for shift in [0, 20, 32, 52] {
            let spread = |hashes: &mut dyn Iterator<Item = u64>| {
                let full: HashSet<u64> = hashes.map(|hash| hash >> shift & 4095).collect();
                assert!((2400..2800).contains(&full.len()), "{} at {shift}", full.len());
            };
            spread(&mut (0..4096).map(|i| seed.text(1, format!("segment {i}").as_bytes())));
            spread(
                &mut (0..4096)
                    .map(|i| seed.at(0, seed.text(1, &[i as u8])) ^ seed.at(1, seed.text(1, &[(i >> 8) as u8]))),
            );
        }
    }
}
