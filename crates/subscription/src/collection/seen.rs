use std::collections::HashSet;

use crate::index::Seed;

/// Tells numbers that come the first time from others. Allocates only when there are many.
pub(super) struct Seen {
    few: [u32; FEW],
    len: usize,
    many: Option<HashSet<u32, Seed>>,
    seed: Seed,
}

/// So many numbers are compared one by one.
const FEW: usize = 16;

impl Seen {
    pub(super) fn new(seed: Seed) -> Self {
        Self { few: [0; FEW], len: 0, many: None, seed }
    }

    pub(super) fn is_first(&mut self, number: u32) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(number);
        }
        if self.few.iter().take(self.len).any(|&seen| seen == number) {
            return false;
        }
        match self.few.get_mut(self.len) {
            Some(slot) => {
                *slot = number;
                self.len += 1;
            }
            None => {
                let mut many = HashSet::with_capacity_and_hasher(FEW * 4, self.seed);
                many.extend(self.few.iter().copied().chain([number]));
                self.many = Some(many);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_is_first_once() {
        let mut seen = Seen::new(Seed::random());
        let first: Vec<u32> = (0..1000).map(|i| i % 100).filter(|&number| seen.is_first(number)).collect();
        assert_eq!(first, (0..100).collect::<Vec<_>>());
    }
}
