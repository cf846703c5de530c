//! Decoded events share the received buffer: memory is taken once for all of them, and once for all that are encoded.

use allocation_counter::measure;
use bytes::Bytes;
use hat_event_codec::{MsgEventsNotify, Sbs};
use hat_event_types::{Event, EventId, EventPayload, EventType, RegisterEvent, Timestamp};

/// As a control system has them: half with a source timestamp, four of five with JSON, the others binary.
fn event(i: u32) -> Event {
    let t = Timestamp::new(1_700_000_000, i).unwrap();
    let payload = match i % 5 {
        0 => EventPayload::binary("raw", vec![0; 100]),
        _ => EventPayload::json(&("value", i, "größe \"x\"", [1.5, -2e300])).unwrap(),
    };
    RegisterEvent {
        event_type: EventType::from(["site", "feeder é", &i.to_string(), &"x".repeat(i as usize % 80)]),
        source_timestamp: i.is_multiple_of(2).then_some(t),
        payload: Some(payload),
    }
    .register(EventId::new(1, 1, i.into()).unwrap(), t)
}

/// How often memory is taken while all of the events are decoded.
fn allocations(events: impl Iterator<Item = Event>) -> u64 {
    let notify = MsgEventsNotify(events.collect());
    // Memory that nobody shares yet: with the first share comes a count of those who do.
    let received = Bytes::from(notify.to_sbs_bytes().to_vec().into_boxed_slice());
    let mut decoded = None;
    let taken = measure(|| decoded = Some(MsgEventsNotify::from_sbs_bytes(received)));
    assert_eq!(decoded, Some(Ok(notify)));
    taken.count_total
}

#[test]
fn a_thousand_events_take_memory_twice() {
    for count in [1, 100, 1000] {
        // For the list of events, and for the count of those who share the buffer.
        assert_eq!(allocations((0..count).map(event)), 2, "{count} events");
    }
    assert_eq!(allocations((0..0).map(event)), 0);
}

#[test]
fn events_without_content_take_memory_a_few_times() {
    // They are far smaller than their place in memory, for which no more is taken at first than twice what was received.
    let small = |_| {
        RegisterEvent { event_type: EventType::new(), source_timestamp: None, payload: None }
            .register(EventId::default(), Timestamp::default())
    };
    assert!((2..=8).contains(&allocations((0..1000).map(small))));
}

#[test]
fn room_for_a_thousand_encoded_events_is_made_once() {
    let notify = MsgEventsNotify((0..1000).map(event).collect());
    let mut encoded = Bytes::new();
    let taken = measure(|| encoded = notify.to_sbs_bytes());
    // For the beginning, for the events, and for the count of those who will share them.
    assert!(taken.count_total <= 3, "{} times", taken.count_total);
    let most = encoded.len() as u64 * 5 / 4;
    assert!(taken.bytes_max <= most, "{} bytes for {}", taken.bytes_max, encoded.len());
}
