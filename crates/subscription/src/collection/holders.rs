use std::collections::HashMap;

use crate::index::{Place, Seed};
use crate::slab::NONE;

/// The number of a value and whether it has several query types, so that more than one of them may match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Holder(u32);

/// Whose a query type is, as the index keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holders {
    None,
    One(Holder),
    /// The number of a list of them.
    Many(u32),
}

/// The query types of a value, each with the position of the value in the list of its holders; 0 if there is no list.
#[derive(Clone, Debug)]
#[expect(clippy::box_collection, reason = "most values have one query type, and small ones spare memory")]
pub(super) enum Holdings {
    None,
    One(Place, u32),
    Many(Box<HashMap<Place, u32, Seed>>),
}

/// Numbers of values and of lists are below this.
pub(super) const MOST: usize = 1 << 30;

const REPEATS: u32 = 1 << 30;
const MANY: u32 = 1 << 31;

impl Holder {
    pub(super) fn new(value: u32, repeats: bool) -> Self {
        Self(if repeats { value | REPEATS } else { value })
    }

    #[inline]
    pub(super) fn value(self) -> u32 {
        self.0 & !REPEATS
    }

    /// Whether the value may be found by another query type too.
    #[inline]
    pub(super) fn repeats(self) -> bool {
        self.0 & REPEATS != 0
    }
}

impl Holders {
    #[inline]
    pub(super) fn from_number(number: u32) -> Self {
        match number {
            NONE => Self::None,
            _ if number & MANY != 0 => Self::Many(number & !MANY),
            _ => Self::One(Holder(number)),
        }
    }

    pub(super) fn to_number(self) -> u32 {
        match self {
            Self::None => NONE,
            Self::One(holder) => holder.0,
            Self::Many(list) => list | MANY,
        }
    }
}

impl Holdings {
    pub(super) fn holds(&self, place: Place) -> bool {
        match self {
            Self::None => false,
            Self::One(one, _) => *one == place,
            Self::Many(many) => many.contains_key(&place),
        }
    }

    /// Adds a query type, or changes the position in the list of its holders.
    pub(super) fn set(&mut self, place: Place, at: u32, seed: Seed) {
        match self {
            Self::None => *self = Self::One(place, at),
            Self::One(one, one_at) if *one == place => *one_at = at,
            Self::One(one, one_at) => {
                let mut many = HashMap::with_hasher(seed);
                many.extend([(*one, *one_at), (place, at)]);
                *self = Self::Many(Box::new(many));
            }
            Self::Many(many) => {
                many.insert(place, at);
            }
        }
    }

    pub(super) fn for_each(&self, mut each: impl FnMut(Place, u32)) {
        match self {
            Self::None => {}
            Self::One(place, at) => each(*place, *at),
            Self::Many(many) => many.iter().for_each(|(place, at)| each(*place, *at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holders_are_numbers_in_the_index() {
        let last = MOST as u32 - 1;
        for holders in [
            Holders::None,
            Holders::One(Holder::new(0, false)),
            Holders::One(Holder::new(last, true)),
            Holders::Many(0),
            Holders::Many(last),
        ] {
            assert_eq!(Holders::from_number(holders.to_number()), holders);
        }
        let holder = Holder::new(last, true);
        assert_eq!((holder.value(), holder.repeats(), Holder::new(7, false).repeats()), (last, true, false));
    }
}
