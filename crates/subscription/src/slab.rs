/// Values under small numbers that stay the same until they are removed and are then given away again.
#[derive(Clone, Debug)]
pub(crate) struct Slab<T> {
    items: Vec<Option<T>>,
    free: Vec<u32>,
}

/// A number that no value has.
pub(crate) const NONE: u32 = u32::MAX;

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { items: Vec::new(), free: Vec::new() }
    }

    pub(crate) fn reserve(&mut self, more: usize) {
        self.items.reserve(more.saturating_sub(self.free.len()));
    }

    /// Puts a value in, under a number below [`NONE`].
    pub(crate) fn insert(&mut self, item: T) -> u32 {
        if let Some(id) = self.free.pop() {
            if let Some(slot) = self.get_slot(id) {
                *slot = Some(item);
            }
            return id;
        }
        assert!(self.items.len() < NONE as usize, "numbers have an end");
        self.items.push(Some(item));
        (self.items.len() - 1) as u32
    }

    pub(crate) fn remove(&mut self, id: u32) -> Option<T> {
        let item = self.get_slot(id)?.take()?;
        self.free.push(id);
        Some(item)
    }

    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&T> {
        self.items.get(id as usize)?.as_ref()
    }

    pub(crate) fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.get_slot(id)?.as_mut()
    }

    /// How many values there were at most at one time.
    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.items.len()
    }

    #[cfg(test)]
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.iter().flatten()
    }

    fn get_slot(&mut self, id: u32) -> Option<&mut Option<T>> {
        self.items.get_mut(id as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_away_again() {
        let mut slab = Slab::new();
        let (a, b) = (slab.insert('a'), slab.insert('b'));
        assert_eq!((slab.get(a), slab.get(b), slab.get(NONE)), (Some(&'a'), Some(&'b'), None));
        assert_eq!((slab.remove(a), slab.remove(a)), (Some('a'), None));
        assert_eq!(slab.get(a), None);
        assert_eq!(slab.insert('c'), a);
        *slab.get_mut(b).unwrap() = 'd';
        assert_eq!((slab.get(a), slab.get(b)), (Some(&'c'), Some(&'d')));
    }
}
