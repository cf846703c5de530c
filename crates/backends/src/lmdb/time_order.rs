use std::ops::Bound;

use hat_event_common::{EventId, Order, Timestamp};

use super::layout::TimeKey;

/// Events of a layer in the order of one of their times, by their places.
///
/// Most come in that order, and cost one comparison. Others are put into order when somebody asks.
#[derive(Debug, Default)]
pub(super) struct TimeOrder {
    entries: Vec<(Timestamp, u32)>,
    /// So many of them, from the beginning, are in order.
    sorted: usize,
}

impl TimeOrder {
    /// Adds an event that has the greatest id of its server so far. `id_of` tells the id of the event at a place.
    pub(super) fn push(&mut self, time: Timestamp, id: EventId, place: u32, id_of: impl Fn(u32) -> EventId) {
        let is_last = self.is_sorted()
            && self.entries.last().is_none_or(|last| last.0 < time || (last.0 == time && id_of(last.1) < id));
        self.entries.push((time, place));
        self.sorted += usize::from(is_last);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn is_sorted(&self) -> bool {
        self.sorted == self.entries.len()
    }

    /// Puts all into order.
    pub(super) fn sort(&mut self, id_of: impl Fn(u32) -> EventId) {
        if !self.is_sorted() {
            // Stable, because that one takes what is in order as it is.
            self.entries.sort_by(|one, other| one.0.cmp(&other.0).then_with(|| id_of(one.1).cmp(&id_of(other.1))));
            self.sorted = self.entries.len();
        }
    }

    /// The entries between two keys, once all are in order.
    pub(super) fn range(
        &self,
        (from, to): (Bound<TimeKey>, Bound<TimeKey>),
        id_of: impl Fn(u32) -> EventId,
    ) -> &[(Timestamp, u32)] {
        let count = |is_before: &dyn Fn(TimeKey) -> bool| {
            self.entries.partition_point(|(time, place)| is_before((*time, id_of(*place))))
        };
        let begin = match from {
            Bound::Included(from) => count(&|key| key < from),
            Bound::Excluded(from) => count(&|key| key <= from),
            Bound::Unbounded => 0,
        };
        let end = match to {
            Bound::Included(to) => count(&|key| key <= to),
            Bound::Excluded(to) => count(&|key| key < to),
            Bound::Unbounded => self.entries.len(),
        };
        self.entries.get(begin..end).unwrap_or_default()
    }
}

/// A range of time keys, from the end that a query begins at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) bounds: (Bound<TimeKey>, Bound<TimeKey>),
    pub(super) order: Order,
}

impl Range {
    /// What is left of it behind a key.
    pub(super) fn behind(self, key: TimeKey) -> Self {
        let (from, to) = self.bounds;
        let bounds = match self.order {
            Order::Ascending => (Bound::Excluded(key), to),
            Order::Descending => (from, Bound::Excluded(key)),
        };
        Self { bounds, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lmdb::layout::{FIRST_ID, LAST_ID};

    #[test]
    fn events_that_come_late_are_put_into_order() {
        let id = |place: u32| EventId::new(1, 1, place.into()).unwrap();
        let time = |s| Timestamp::new(s, 0).unwrap();
        let mut order = TimeOrder::default();
        for (place, s) in [5, 5, 7, 6, 1, 9, 9].into_iter().enumerate() {
            order.push(time(s), id(place as u32), place as u32, id);
        }
        assert_eq!((order.sorted, order.len()), (3, 7));
        order.sort(id);
        let places = |bounds| order.range(bounds, id).iter().map(|(_, place)| *place).collect::<Vec<_>>();
        assert_eq!(places((Bound::Unbounded, Bound::Unbounded)), [4, 0, 1, 3, 2, 5, 6]);
        assert_eq!(places((Bound::Included((time(5), FIRST_ID)), Bound::Included((time(7), LAST_ID)))), [0, 1, 3, 2]);
        assert_eq!(places((Bound::Excluded((time(5), id(0))), Bound::Excluded((time(9), id(6))))), [1, 3, 2, 5]);
    }
}
