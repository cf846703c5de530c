/// So many items lie in one piece of memory; few in tests, so that they have many pieces.
const CHUNK: usize = if cfg!(test) { 4 } else { 4096 };

/// Items in the order in which they were added, none of which ever moves again once there are many.
///
/// A vector would copy all of them when it grows, and whoever adds would wait for it.
#[derive(Debug)]
pub(super) struct Log<T> {
    /// All but the last are full.
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Log<T> {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn get(&self, place: usize) -> Option<&T> {
        self.chunks.get(place / CHUNK)?.get(place % CHUNK)
    }

    pub(super) fn last(&self) -> Option<&T> {
        self.chunks.last()?.last()
    }

    pub(super) fn push(&mut self, item: T) {
        self.len += 1;
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(item),
            // The first one grows as needed: there may be many logs with few items.
            None => self.chunks.push(vec![item]),
            Some(_) => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(item);
                self.chunks.push(chunk);
            }
        }
    }

    /// The place of the first item for which a condition does not hold, that holds for items up to some place only.
    pub(super) fn partition_point(&self, mut holds: impl FnMut(&T) -> bool) -> usize {
        let chunk = self.chunks.partition_point(|chunk| chunk.last().is_some_and(&mut holds));
        self.chunks.get(chunk).map_or(self.len, |items| chunk * CHUNK + items.partition_point(holds))
    }

    /// Items from a place on.
    pub(super) fn iter_from(&self, place: usize) -> impl Iterator<Item = &T> {
        let (first, mut skip) = (place / CHUNK, place % CHUNK);
        let chunks = self.chunks.get(first..).unwrap_or_default().iter();
        chunks.flat_map(move |chunk| chunk.get(std::mem::take(&mut skip)..).unwrap_or_default())
    }
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_found_on_both_sides_of_every_border() {
        let mut log = Log::default();
        for len in 0..3 * CHUNK {
            assert_eq!((log.len(), log.last().copied()), (len, len.checked_sub(1)));
            for place in 0..=len + 1 {
                assert_eq!(log.get(place).copied(), (place < len).then_some(place));
                assert_eq!(log.partition_point(|item| *item < place), place.min(len));
                assert!(log.iter_from(place).copied().eq(place..len), "from {place} of {len}");
            }
            log.push(len);
        }
    }

    #[test]
    fn nothing_moves_when_there_are_many() {
        let mut log = Log::default();
        (0..=CHUNK).for_each(|item| log.push(item));
        let place: *const usize = log.get(CHUNK).unwrap();
        (0..9 * CHUNK).for_each(|item| log.push(item));
        assert_eq!(place, std::ptr::from_ref(log.get(CHUNK).unwrap()));
    }
}
