//! Numbers from a fixed seed, so that each run has the same workload.

/// Sebastiano Vigna's splitmix64: small, fast and good enough to make workloads with.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }

    /// A name of 4 to 12 letters.
    pub(crate) fn name(&mut self) -> String {
        let len = 4 + self.below(9);
        (0..len).map(|_| char::from(b'a' + self.below(26) as u8)).collect()
    }
}
