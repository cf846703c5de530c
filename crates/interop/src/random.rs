/// Random input that a seed repeats.
///
/// The generator is SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators).
#[derive(Clone, Debug)]
pub struct Random {
    state: u64,
}

impl Random {
    /// Input that depends on a seed, on what it is for, and on the number of the case.
    pub fn new(seed: u64, purpose: &str, case: u64) -> Self {
        let mut random = Self { state: seed };
        for part in purpose.bytes().map(u64::from).chain([case]) {
            random.state = random.bits() ^ part;
        }
        random
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// A number from 0 to `end`, which is not among them and not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.bits() % end as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of the given things.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn pick<T: Copy>(&mut self, things: &[T]) -> T {
        things[self.below(things.len())]
    }

    /// Up to `max` things.
    pub fn list<T>(&mut self, max: usize, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let len = self.below(max + 1);
        (0..len).map(|_| item(self)).collect()
    }

    /// A thing or none.
    pub fn maybe<T>(&mut self, item: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.once_in(2).then(|| item(self))
    }

    /// An integer: all sizes, and often one at which an encoding changes its form.
    pub fn integer(&mut self) -> i64 {
        let any = self.bits() as i64 >> self.below(64);
        if self.once_in(3) {
            let edge = (1i64 << self.below(64)).wrapping_sub(1 - self.below(3) as i64);
            return if any < 0 { edge.wrapping_neg() } else { edge };
        }
        any
    }

    /// A double: often one that looks like a decimal number, else any bits.
    pub fn float(&mut self) -> f64 {
        match self.below(4) {
            0 => f64::from_bits(self.bits()),
            1 => self.integer() as f64,
            2 => (self.below(2_000_001) as f64 - 1e6) / 10f64.powi(self.below(8) as i32),
            _ => self.integer() as f64 * 2f64.powi(self.below(140) as i32 - 70),
        }
    }

    /// Text: mostly short and plain, with some of every kind of character.
    pub fn text(&mut self) -> String {
        let max = if self.once_in(20) { 200 } else { 8 };
        self.list(max, Self::char).into_iter().collect()
    }

    fn char(&mut self) -> char {
        let code = match self.below(8) {
            0..4 => return self.pick(&['a', 'b', 'c', ' ', '0', '/', '"', '\\', '?', '*', '\'', '~', '\u{7f}']),
            4 => self.below(0x20),
            5 => self.below(0x800),
            6 => self.below(0x1_0000),
            _ => self.below(0x11_0000),
        };
        char::from_u32(code as u32).unwrap_or('\u{FFFD}')
    }

    /// Bytes.
    pub fn data(&mut self) -> Vec<u8> {
        let max = if self.once_in(20) { 300 } else { 10 };
        self.list(max, |random| random.bits() as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_purpose_and_case_decide() {
        let first = |seed, purpose, case| Random::new(seed, purpose, case).bits();
        assert_eq!(first(1, "a", 0), first(1, "a", 0));
        let others = [first(1, "a", 0), first(2, "a", 0), first(1, "b", 0), first(1, "a", 1), first(1, "", 0)];
        assert!((0..5).all(|i| others[i + 1..].iter().all(|other| *other != others[i])));
    }

    #[test]
    fn everything_is_reached() {
        let mut random = Random::new(7, "reach", 0);
        let integers: Vec<i64> = (0..10_000).map(|_| random.integer()).collect();
        for wanted in [0, -1, 1, 63, 64, -64, -65, i64::MAX] {
            assert!(integers.contains(&wanted), "{wanted}");
        }
        assert!((0..100_000).map(|_| random.float()).any(f64::is_nan));
        let text: String = (0..1000).map(|_| random.text()).collect();
        assert!(text.contains('\0') && text.chars().any(|c| c > '\u{FFFF}'));
    }
}
