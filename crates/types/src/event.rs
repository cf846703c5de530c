use std::cmp::Ordering;

use crate::{EventId, EventPayload, EventType, Timestamp};

/// Something that happened, as a server registered it.
///
/// Events have no `Ord`: the reference's `<` and `>` are [`Self::precedes`] and [`Self::follows`], which do not order
/// events of two servers with equal timestamps. [`Self::total_cmp`] orders all.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct Event {
    /// Identifies the event.
    pub id: EventId,
    /// Names what happened.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub event_type: EventType,
    /// When the event was registered.
    pub timestamp: Timestamp,
    /// When it happened, as the source says.
    #[cfg_attr(feature = "serde", serde(default))]
    pub source_timestamp: Option<Timestamp>,
    /// What is known about it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub payload: Option<EventPayload>,
}

impl Event {
    /// Whether this event is taken to be registered before the other: the reference's `<`.
    ///
    /// Of one server, the smaller id precedes; of two servers, the earlier timestamp. Of two servers with equal
    /// timestamps each precedes the other.
    pub fn precedes(&self, other: &Self) -> bool {
        self.cmp_as_reference(other).unwrap_or(Ordering::Less).is_lt()
    }

    /// Whether this event is taken to be registered after the other: the reference's `>`.
    ///
    /// As [`Self::precedes`], but of two servers with equal timestamps neither follows the other.
    pub fn follows(&self, other: &Self) -> bool {
        self.cmp_as_reference(other).unwrap_or(Ordering::Less).is_gt()
    }

    /// A total order: by timestamp, then by id.
    ///
    /// It agrees with [`Self::precedes`] wherever that tells two events apart, as long as each server's timestamps do
    /// not fall while its ids rise, and breaks ties between servers by their ids. Only the same timestamp and id are
    /// equal.
    pub fn total_cmp(&self, other: &Self) -> Ordering {
        (self.timestamp, self.id).cmp(&(other.timestamp, other.id))
    }

    /// `None` where the reference has no answer: two servers, one time.
    fn cmp_as_reference(&self, other: &Self) -> Option<Ordering> {
        if self.id.server == other.id.server {
            return Some(self.id.cmp(&other.id));
        }
        Some(self.timestamp.cmp(&other.timestamp)).filter(|order| order.is_ne())
    }
}

/// Something that happened, before a server registers it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct RegisterEvent {
    /// Names what happened.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub event_type: EventType,
    /// When it happened, as the source says.
    #[cfg_attr(feature = "serde", serde(default))]
    pub source_timestamp: Option<Timestamp>,
    /// What is known about it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub payload: Option<EventPayload>,
}

impl RegisterEvent {
    /// The event that this becomes when a server registers it.
    pub fn register(self, id: EventId, timestamp: Timestamp) -> Event {
        let Self { event_type, source_timestamp, payload } = self;
        Event { id, event_type, timestamp, source_timestamp, payload }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn event(server: u64, session: u64, instance: u64, s: i64) -> Event {
        RegisterEvent { event_type: EventType::new(), source_timestamp: None, payload: None }
            .register(EventId::new(server, session, instance).unwrap(), Timestamp::new(s, 0).unwrap())
    }

    #[test]
    fn ids_order_events_of_one_server() {
        let (first, second) = (event(1, 1, 1, 9), event(1, 1, 2, 3));
        assert!(first.precedes(&second) && !first.follows(&second));
        assert!(second.follows(&first) && !second.precedes(&first));
        assert!(!first.precedes(&first) && !first.follows(&first));
    }

    #[test]
    fn timestamps_order_events_of_two_servers() {
        let (first, second) = (event(2, 1, 1, 3), event(1, 1, 1, 9));
        assert!(first.precedes(&second) && second.follows(&first));
        assert_eq!(first.total_cmp(&second), Ordering::Less);
    }

    #[test]
    fn each_precedes_the_other_at_one_time_of_two_servers() {
        let (one, two) = (event(1, 1, 1, 3), event(2, 1, 1, 3));
        assert!(one.precedes(&two) && two.precedes(&one));
        assert!(!one.follows(&two) && !two.follows(&one));
        assert_eq!(one.total_cmp(&two), Ordering::Less);
    }

    proptest! {
        #[test]
        fn total_order_is_transitive(keys in prop::collection::vec((0..3u64, 0..3u64, 0..3u64, 0..3i64), 3)) {
            let [a, b, c] = [0, 1, 2].map(|i| event(keys[i].0, keys[i].1, keys[i].2, keys[i].3));
            if a.total_cmp(&b).is_le() && b.total_cmp(&c).is_le() {
                prop_assert!(a.total_cmp(&c).is_le());
            }
            prop_assert_eq!(a.total_cmp(&b), b.total_cmp(&a).reverse());
        }

        #[test]
        fn total_order_agrees_where_clocks_do_not_step_back(
            a in (0..3u64, 0..5u64, 0..3i64), b in (0..3u64, 0..5u64, 0..3i64),
        ) {
            // Later ids of a server never have earlier times: instance = 0 … 4 for time 0, 5 … 9 for 1, and so on.
            let [a, b] = [a, b].map(|(server, k, s)| event(server, 1, 5 * s as u64 + k, s));
            if a.precedes(&b) && !b.precedes(&a) {
                prop_assert_eq!(a.total_cmp(&b), Ordering::Less);
            }
        }
    }
}
