use std::hash::BuildHasher;

use foldhash::quality::RandomState;
use hat_event_common::{Event, EventType, ServerId};

/// The event types of all events, numbered, and the latest event of each.
///
/// A table of its own and not the standard library's: it tells apart where a type has to be from whether it is there, so that
/// the memory of a whole batch is waited for at once, see [`Self::hints`].
#[derive(Debug, Default)]
pub(super) struct Types {
    known: Vec<Known>,
    /// A power of two of them, at least twice as many as types; or none, without types.
    slots: Vec<Slot>,
    hasher: RandomState,
}

/// An event type of which there are events.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) event_type: EventType,
    /// The place of its latest event in the log, and whose event that is.
    pub(super) latest: usize,
    pub(super) server: ServerId,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u64,
    /// Of an event type, or [`Self::FREE`].
    number: usize,
}

impl Slot {
    const FREE: usize = usize::MAX;
}

/// Where an event type has to be looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hint {
    hash: u64,
    /// That of the first type with this hash: nearly always the one, if it is known.
    number: usize,
}

impl Types {
    pub(super) fn get(&self, number: usize) -> Option<&Known> {
        self.known.get(number)
    }

    pub(super) fn get_mut(&mut self, number: usize) -> Option<&mut Known> {
        self.known.get_mut(number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Known> {
        self.known.iter()
    }

    /// Where the types of events have to be looked for.
    ///
    /// First all hashes, then all slots: none depends on another one, so that the processor waits for the memory of many at
    /// a time.
    pub(super) fn hints(&self, events: &[Event]) -> Vec<Hint> {
        let hashes = events.iter().map(|event| self.hasher.hash_one(&event.event_type));
        let mut hints: Vec<Hint> = hashes.map(|hash| Hint { hash, number: Slot::FREE }).collect();
        for hint in &mut hints {
            let slot = self.probe(hint.hash).find(|slot| slot.number == Slot::FREE || slot.hash == hint.hash);
            hint.number = slot.map_or(Slot::FREE, |slot| slot.number);
        }
        hints
    }

    /// The number of a known type.
    pub(super) fn find(&self, event_type: &EventType, hint: Hint) -> Option<usize> {
        let is_it = |number: usize| self.known.get(number).is_some_and(|known| known.event_type == *event_type);
        if is_it(hint.number) {
            return Some(hint.number);
        }
        // It was not known when the hint was given, or another one has the same hash.
        let slots = self.probe(hint.hash).take_while(|slot| slot.number != Slot::FREE);
        slots.filter(|slot| slot.hash == hint.hash).map(|slot| slot.number).find(|number| is_it(*number))
    }

    /// Adds a type that is not known, and tells its number.
    pub(super) fn add(&mut self, known: Known, hint: Hint) -> usize {
        let number = self.known.len();
        self.known.push(known);
        if self.slots.len() < 2 * self.known.len() {
            let free = Slot { hash: 0, number: Slot::FREE };
            let len = (4 * self.known.len()).next_power_of_two();
            for slot in std::mem::replace(&mut self.slots, vec![free; len]) {
                if slot.number != Slot::FREE {
                    self.put(slot);
                }
            }
        }
        self.put(Slot { hash: hint.hash, number });
        number
    }

    /// Slots in the order in which types with a hash are put there; it ends after all of them.
    fn probe(&self, hash: u64) -> impl Iterator<Item = &Slot> {
        let first = self.place(hash);
        let (before, after) = self.slots.split_at_checked(first).unwrap_or_default();
        after.iter().chain(before)
    }

    fn put(&mut self, slot: Slot) {
        let first = self.place(slot.hash);
        let (before, after) = self.slots.split_at_mut_checked(first).unwrap_or_default();
        // At most half of them are taken.
        if let Some(free) = after.iter_mut().chain(before).find(|slot| slot.number == Slot::FREE) {
            *free = slot;
        }
    }

    fn place(&self, hash: u64) -> usize {
        hash as usize & self.slots.len().saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use hat_event_common::{EventId, RegisterEvent, Timestamp};

    use super::*;

    fn hint_of(types: &Types, event_type: &EventType) -> Hint {
        let event = RegisterEvent { event_type: event_type.clone(), source_timestamp: None, payload: None };
        types.hints(&[event.register(EventId::default(), Timestamp::default())])[0]
    }

    fn known(event_type: &EventType) -> Known {
        Known { event_type: event_type.clone(), latest: 0, server: ServerId::MIN }
    }

    #[test]
    fn types_have_numbers_in_the_order_of_arrival() {
        let mut types = Types::default();
        let event_types: Vec<EventType> = (0..1000).map(|i: usize| [i.to_string()].into()).collect();
        for (number, event_type) in event_types.iter().enumerate() {
            let hint = hint_of(&types, event_type);
            assert_eq!(types.find(event_type, hint), None);
            assert_eq!(types.add(known(event_type), hint), number);
        }
        for (number, event_type) in event_types.iter().enumerate() {
            assert_eq!(types.find(event_type, hint_of(&types, event_type)), Some(number));
            assert_eq!(types.get(number).unwrap().event_type, *event_type);
        }
    }

    #[test]
    fn types_whose_hashes_collide_are_told_apart() {
        let mut types = Types::default();
        let event_types: Vec<EventType> = (0..100).map(|i: usize| [i.to_string()].into()).collect();
        // The last place of every table, so that the others are behind its end; and all in one.
        let hint = Hint { hash: u64::MAX, number: Slot::FREE };
        for event_type in &event_types {
            types.add(known(event_type), hint);
        }
        for (number, event_type) in event_types.iter().enumerate() {
            assert_eq!(types.find(event_type, hint), Some(number));
            assert_eq!(types.find(event_type, Hint { hash: u64::MAX, number: 0 }), Some(number), "a hint at another");
        }
        assert_eq!(types.find(&["other"].into(), hint), None);
    }

    #[test]
    fn a_hint_given_before_a_type_was_added_finds_it() {
        let mut types = Types::default();
        let event_type = EventType::from(["a"]);
        let hint = hint_of(&types, &event_type);
        (0..100).for_each(|i: usize| {
            let other = EventType::from([i.to_string()]);
            let hint = hint_of(&types, &other);
            types.add(known(&other), hint);
        });
        let number = types.add(known(&event_type), hint);
        assert_eq!(types.find(&event_type, hint), Some(number));
    }
}
