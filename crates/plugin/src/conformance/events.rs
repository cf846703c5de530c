//! Events that collide where they can: in type, in either time, in parts of their ids.

use hat_event_types::{Event, EventId, EventPayload, EventPayloadJson, EventType, RegisterEvent, ServerId, Timestamp};

/// The servers that register events.
pub(super) fn servers() -> [ServerId; 3] {
    [ServerId::MIN, ServerId::from(2), ServerId::MAX]
}

/// A server that registers none.
pub(super) fn silent_server() -> ServerId {
    ServerId::from(1)
}

/// Batches in the order in which they are to be registered.
///
/// Of each server, ids rise and timestamps do not fall; those of several servers are mixed.
pub(super) fn batches() -> Vec<Vec<Event>> {
    let [a, b, c] = servers();
    vec![
        vec![
            event(b, 1, 1, 10, &["a", "b"], None, None),
            event(b, 1, 2, 10, &["a", "b"], Some(5), Some("1")),
            event(b, 1, 3, 10, &["a", "c"], Some(5), Some("{\"k\": [1.50, \"\u{fc}\"]}")),
            event(b, 1, 4, 10, &[], Some(i64::MIN), None),
        ],
        // Registered later, stamped earlier.
        vec![
            event(a, 1, 1, -3, &["a", "b"], Some(-7), Some("true")),
            event(a, 1, 2, -3, &["a", "b", "c"], Some(5), None),
            event(a, 1, 3, -3, &["x"], None, None),
        ],
        // At the same time as another server.
        vec![event(c, 1, 1, 10, &["a", "b"], Some(5), None), event(c, 1, 2, 10, &["y"], Some(6), None)],
        vec![event(a, 2, 1, 9, &["x"], Some(4), Some("\"late\""))],
        vec![
            event(b, 2, 1, 12, &["a", "c"], Some(4), None),
            event(b, 2, 2, 12, &["?", "*", "/"], Some(i64::MAX), None),
            event(b, 2, 9, 12, &["a"], Some(20), None),
            event(b, 2, 10, 12, &["tie"], Some(0), None),
        ],
        // Neither tie follows the other.
        vec![event(a, 2, 2, 12, &["a", "b"], None, None), event(a, 2, 3, 12, &["tie"], None, None)],
        vec![event(b, 100, 1, 13, &["a", "b"], Some(5), Some("[]"))],
        vec![event(c, i64::MAX as u64, i64::MAX as u64, 11, &["x"], Some(5), None)],
    ]
}

/// An event with a JSON payload, or with a binary one if no text is given.
pub(super) fn event(
    server: ServerId,
    session: u64,
    instance: u64,
    s: i64,
    segments: &[&str],
    source_s: Option<i64>,
    json: Option<&'static str>,
) -> Event {
    let payload = match json {
        Some(text) => EventPayloadJson::from_text(text).ok().map(EventPayload::from),
        None => (!segments.is_empty()).then(|| EventPayload::binary("raw", segments.concat().into_bytes())),
    };
    RegisterEvent { event_type: EventType::from(segments), source_timestamp: source_s.map(seconds), payload }
        .register(EventId::new(server.get(), session, instance).unwrap_or_default(), seconds(s))
}

/// Whole seconds since 1970; the last stands for the last of all timestamps.
pub(super) fn seconds(s: i64) -> Timestamp {
    if s == i64::MAX { Timestamp::MAX } else { Timestamp::new(s, 0).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn events_can_be_registered_anywhere() {
        let events = batches().concat();
        let mut last = BTreeMap::<_, &Event>::new();
        for event in &events {
            if let Some(last) = last.insert(event.id.server, event) {
                assert!(last.id < event.id && last.timestamp <= event.timestamp, "{event:?}");
            }
        }
        assert_eq!(last.into_keys().collect::<Vec<_>>(), servers());
        assert_eq!(
            events.iter().filter(|event| event.payload.as_ref().is_some_and(|p| p.as_json().is_some())).count(),
            5
        );
    }
}
