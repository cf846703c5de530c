use std::collections::HashMap;

/// Pieces of memory of different sizes, one behind the other in chunks, named by small numbers.
///
/// Room of pieces that were given back goes to others of the same size, and a chunk in which none is left is given back
/// as a whole.
#[derive(Clone, Debug, Default)]
pub(super) struct Chunks {
    chunks: Vec<Chunk>,
    /// The chunk that pieces are cut from, and how many units of it are taken.
    open: usize,
    taken: usize,
    /// Chunks without memory.
    spare: Vec<usize>,
    /// Pieces that were given back, by how many units they have, with the age of their chunk at that time.
    free: HashMap<usize, Vec<(u32, u32)>>,
    /// How many pieces are in `free`, and how many of them have lost their chunk.
    freed: usize,
    lost: usize,
}

#[derive(Clone, Debug, Default)]
struct Chunk {
    memory: Box<[u8]>,
    /// How many pieces are in use, and how many are in `free`.
    used: usize,
    freed: usize,
    /// How often the chunk has lost its pieces.
    age: u32,
}

/// Pieces begin at multiples of so many bytes.
const UNIT: usize = 8;

/// A chunk has at most so many units, unless one piece needs more. The first ones are smaller.
const CHUNK: usize = 8192;

impl Chunks {
    /// The memory from the start of a piece on.
    #[inline]
    pub(super) fn get(&self, number: u32) -> Option<&[u8]> {
        let number = number as usize;
        self.chunks.get(number / CHUNK)?.memory.get(number % CHUNK * UNIT..)
    }

    pub(super) fn get_mut(&mut self, number: u32) -> Option<&mut [u8]> {
        let number = number as usize;
        self.chunks.get_mut(number / CHUNK)?.memory.get_mut(number % CHUNK * UNIT..)
    }

    /// A piece of at least so many bytes.
    pub(super) fn take(&mut self, len: usize) -> u32 {
        let units = len.div_ceil(UNIT);
        let number = self.take_freed(units).unwrap_or_else(|| self.cut(units));
        if let Some(chunk) = self.chunks.get_mut(number as usize / CHUNK) {
            chunk.used += 1;
        }
        number
    }

    fn take_freed(&mut self, units: usize) -> Option<u32> {
        let free = self.free.get_mut(&units)?;
        while let Some((number, age)) = free.pop() {
            self.freed -= 1;
            if let Some(chunk) = self.chunks.get_mut(number as usize / CHUNK)
                && chunk.age == age
            {
                chunk.freed -= 1;
                return Some(number);
            }
            self.lost -= 1;
        }
        None
    }

    fn cut(&mut self, units: usize) -> u32 {
        let size = |chunk: &Chunk| chunk.memory.len() / UNIT;
        if self.chunks.get(self.open).is_none_or(|chunk| self.taken + units > size(chunk)) {
            // As much as there is already: little memory for few pieces.
            let all: usize = self.chunks.iter().take(CHUNK / 32).map(size).sum();
            self.open = self.spare.pop().unwrap_or(self.chunks.len());
            if self.open == self.chunks.len() {
                self.chunks.push(Chunk::default());
            }
            if let Some(chunk) = self.chunks.get_mut(self.open) {
                chunk.memory = vec![0; all.clamp(32, CHUNK).max(units) * UNIT].into();
            }
            self.taken = 0;
        }
        let number = self.open * CHUNK + self.taken;
        assert!(number < u32::MAX as usize, "a collection holds at most 32 GiB of query types without wildcards");
        self.taken += units;
        number as u32
    }

    /// Gives back a piece of so many bytes.
    pub(super) fn give_back(&mut self, number: u32, len: usize) {
        let at = number as usize / CHUNK;
        let Some(chunk) = self.chunks.get_mut(at) else { return };
        chunk.used -= 1;
        if chunk.used > 0 {
            chunk.freed += 1;
            self.freed += 1;
            self.free.entry(len.div_ceil(UNIT)).or_default().push((number, chunk.age));
            return;
        }
        self.lost += chunk.freed;
        *chunk = Chunk { age: chunk.age.wrapping_add(1), ..Chunk::default() };
        self.spare.push(at);
        if at == self.open {
            // What is not there is not cut from.
            self.taken = 0;
        }
        if self.lost * 2 > self.freed {
            self.forget_lost();
        }
    }

    fn forget_lost(&mut self) {
        let is_there = |&(number, age): &(u32, u32)| {
            self.chunks.get(number as usize / CHUNK).is_some_and(|chunk| chunk.age == age)
        };
        for free in self.free.values_mut() {
            free.retain(is_there);
        }
        self.free.retain(|_, free| !free.is_empty());
        self.freed -= std::mem::take(&mut self.lost);
    }

    /// How many bytes are held.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        let free: usize = self.free.values().map(|free| free.capacity() * size_of::<(u32, u32)>()).sum();
        self.chunks.iter().map(|chunk| chunk.memory.len() + size_of::<Chunk>()).sum::<usize>() + free
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn pieces_do_not_overlap(steps in prop::collection::vec((1..400_usize, 0..3_u8, any::<usize>()), 0..300)) {
            let mut chunks = Chunks::default();
            let mut held: Vec<(u32, usize, u8)> = Vec::new();
            for (i, (len, kind, which)) in steps.into_iter().enumerate() {
                if kind == 0 && !held.is_empty() {
                    let (number, len, _) = held.swap_remove(which % held.len());
                    chunks.give_back(number, len);
                } else {
                    let len = if kind == 2 && len % 64 == 0 { len * 500 } else { len };
                    let number = chunks.take(len);
                    chunks.get_mut(number).unwrap()[..len].fill(i as u8);
                    held.push((number, len, i as u8));
                }
            }
            for (number, len, byte) in &held {
                prop_assert!(chunks.get(*number).unwrap()[..*len].iter().all(|held| held == byte));
            }
            for (number, len, _) in held {
                chunks.give_back(number, len);
            }
            prop_assert!(chunks.free.is_empty() && chunks.chunks.iter().all(|chunk| chunk.memory.is_empty()));
        }
    }

    #[test]
    fn memory_does_not_grow_where_sizes_change() {
        let mut chunks = Chunks::default();
        let stays = chunks.take(100);
        for round in 0..3000 {
            let numbers: Vec<u32> = (0..10).map(|_| chunks.take(100 + 8 * round)).collect();
            numbers.iter().for_each(|number| chunks.give_back(*number, 100 + 8 * round));
        }
        assert!(chunks.bytes() < 1 << 20, "{} bytes", chunks.bytes());
        assert!(chunks.get(stays).is_some());
    }

    #[test]
    fn few_pieces_take_little() {
        let mut chunks = Chunks::default();
        chunks.take(50);
        assert!(chunks.bytes() < 512);
        (0..1000).for_each(|_| _ = chunks.take(64));
        assert!(chunks.bytes() < 3 * 64_000, "{} bytes", chunks.bytes());
    }
}
