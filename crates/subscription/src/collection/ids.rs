use std::collections::HashSet;

/// A set of numbers that mostly holds one.
#[derive(Clone, Debug, Default)]
#[expect(clippy::box_collection, reason = "nearly all of these sets hold one number, and small ones spare memory")]
pub(super) enum Ids {
    #[default]
    None,
    One(u32),
    Many(Box<HashSet<u32>>),
}

impl Ids {
    /// Adds a number; tells whether it was not there.
    pub(super) fn insert(&mut self, id: u32) -> bool {
        match self {
            Self::None => *self = Self::One(id),
            Self::One(one) if *one == id => return false,
            Self::One(one) => *self = Self::Many(Box::new(HashSet::from([*one, id]))),
            Self::Many(many) => return many.insert(id),
        }
        true
    }

    pub(super) fn remove(&mut self, id: u32) {
        match self {
            Self::One(one) if *one == id => *self = Self::None,
            Self::Many(many) => {
                many.remove(&id);
                if many.len() < 2 {
                    *self = many.iter().next().map_or(Self::None, |&one| Self::One(one));
                }
            }
            Self::None | Self::One(_) => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::None)
    }

    #[inline]
    pub(super) fn is_many(&self) -> bool {
        matches!(self, Self::Many(_))
    }

    #[inline]
    pub(super) fn for_each(&self, mut each: impl FnMut(u32)) {
        match self {
            Self::None => {}
            Self::One(one) => each(*one),
            Self::Many(many) => many.iter().for_each(|&id| each(id)),
        }
    }
}

/// Tells numbers that come the first time from others. Allocates only when there are many.
pub(super) struct Seen {
    few: [u32; 16],
    len: usize,
    many: Option<HashSet<u32>>,
}

impl Seen {
    pub(super) fn new() -> Self {
        Self { few: [0; 16], len: 0, many: None }
    }

    pub(super) fn is_first(&mut self, id: u32) -> bool {
        if let Some(many) = &mut self.many {
            return many.insert(id);
        }
        if self.few.iter().take(self.len).any(|&seen| seen == id) {
            return false;
        }
        match self.few.get_mut(self.len) {
            Some(slot) => {
                *slot = id;
                self.len += 1;
            }
            None => self.many = Some(self.few.iter().copied().chain([id]).collect()),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(ids: &Ids) -> Vec<u32> {
        let mut all = Vec::new();
        ids.for_each(|id| all.push(id));
        all.sort();
        all
    }

    #[test]
    fn a_set_grows_and_shrinks() {
        let mut ids = Ids::default();
        assert!(ids.insert(7) && !ids.insert(7) && ids.insert(3) && !ids.insert(3) && ids.insert(5));
        assert_eq!(sorted(&ids), [3, 5, 7]);
        assert!(ids.is_many());
        ids.remove(4);
        ids.remove(7);
        ids.remove(3);
        assert_eq!(sorted(&ids), [5]);
        assert!(!ids.is_many() && !ids.is_empty());
        ids.remove(5);
        assert!(ids.is_empty());
    }

    #[test]
    fn each_number_is_first_once() {
        let mut seen = Seen::new();
        let first: Vec<u32> = (0..1000).map(|i| i % 100).filter(|&id| seen.is_first(id)).collect();
        assert_eq!(first, (0..100).collect::<Vec<_>>());
    }
}
