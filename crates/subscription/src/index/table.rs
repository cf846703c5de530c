/// Finds numbers by hashes: open addressing, one word a slot.
///
/// A slot holds the upper half of the hash and the number plus one; a word of zero is an empty slot. The first bits of
/// that half tell where a number belongs, so the table grows and shrinks without the hashes of what is in it. Several
/// numbers may have one hash: what was meant is for the caller to tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// None, or a power of two of them, of which at most three quarters are taken.
    slots: Vec<u64>,
    taken: usize,
}

impl Table {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), taken: 0 }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.taken == 0
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.taken
    }

    /// The first of the numbers with this hash that `accept` takes; it may be asked about numbers with another hash.
    #[inline]
    pub(crate) fn find(&self, hash: u64, mut accept: impl FnMut(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = self.home(hash);
        loop {
            // Without slots there is none at any place.
            let slot = *self.slots.get(place & mask)?;
            if slot == 0 {
                return None;
            }
            let number = (slot as u32).wrapping_sub(1);
            if slot >> 32 == hash >> 32 && accept(number) {
                return Some(number);
            }
            place += 1;
        }
    }

    /// Adds a number, which must be below `u32::MAX`.
    pub(crate) fn insert(&mut self, hash: u64, number: u32) {
        if (self.taken + 1) * 4 > self.slots.len() * 3 {
            let slots = vec![0; (self.slots.len() * 2).max(8)];
            for slot in std::mem::replace(&mut self.slots, slots) {
                if slot != 0 {
                    self.put(slot);
                }
            }
        }
        self.put(hash >> 32 << 32 | (u64::from(number) + 1));
        self.taken += 1;
    }

    /// Removes a number that was added with this hash.
    pub(crate) fn remove(&mut self, hash: u64, number: u32) {
        let mask = self.slots.len().wrapping_sub(1);
        let wanted = hash >> 32 << 32 | (u64::from(number) + 1);
        let mut hole = self.home(hash);
        loop {
            match self.slots.get(hole & mask) {
                None | Some(0) => return,
                Some(slot) if *slot == wanted => break,
                Some(_) => hole += 1,
            }
        }
        // What follows moves up, unless it would come before the place where it belongs.
        let mut place = hole;
        loop {
            place += 1;
            let slot = self.slots.get(place & mask).copied().unwrap_or(0);
            let distance = place.wrapping_sub(self.home(slot)) & mask;
            if slot == 0 || distance >= place - hole {
                if let Some(hole) = self.slots.get_mut(hole & mask) {
                    *hole = slot;
                }
                hole = place;
            }
            if slot == 0 {
                break;
            }
        }
        self.taken -= 1;
    }

    /// The first place to look at for a hash or for a slot.
    #[inline]
    fn home(&self, hash: u64) -> usize {
        (((hash >> 32) * self.slots.len() as u64) >> 32) as usize
    }

    fn put(&mut self, slot: u64) {
        let mask = self.slots.len().wrapping_sub(1);
        let mut place = self.home(slot);
        while let Some(taken) = self.slots.get_mut(place & mask) {
            if *taken == 0 {
                *taken = slot;
                return;
            }
            place += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
        /// Few hashes, most of them next to each other and around the end of the table.
        #[test]
        fn holds_what_was_added_and_not_removed(steps in prop::collection::vec((0..6u64, 0..4u32, any::<bool>()), 0..200)) {
            let mut table = Table::new();
            let mut model: Vec<(u64, u32)> = Vec::new();
            for (hash, number, add) in steps {
                let hash = [0, 1, 1 << 60, 0xF000_0000, u64::from(u32::MAX), 0xFFFF_FFFF][hash as usize] << 32;
                let held = model.iter().position(|held| *held == (hash, number));
                match held {
                    None if add => {
                        table.insert(hash, number);
                        model.push((hash, number));
                    }
                    Some(i) if !add => {
                        table.remove(hash, number);
                        model.swap_remove(i);
                    }
                    _ => {}
                }
                for &(hash, _) in &model {
                    let mut expected: Vec<u32> =
                        model.iter().filter(|held| held.0 == hash).map(|held| held.1).collect();
                    expected.sort();
                    prop_assert_eq!(all(&table, hash), expected);
                }
                prop_assert_eq!(table.is_empty(), model.is_empty());
            }
        }
    }

    #[test]
    fn a_table_without_slots_finds_nothing() {
        let mut table = Table::new();
        assert_eq!(table.find(7, |_| true), None);
        table.remove(7, 0);
        assert!(table.is_empty());
    }
}
