//! Event types are cloned wherever events go: that allocates nothing, however the event type was made.

use allocation_counter::measure;
use bytes::Bytes;
use hat_event_types::{EventId, EventPayload, EventType, RegisterEvent, Timestamp};

fn check_clones_free(name: &str, event_type: &EventType) {
    let clones = measure(|| drop(std::hint::black_box([event_type.clone(), event_type.clone()])));
    assert_eq!(clones.count_total, 0, "clones of an event type {name}");
}

#[test]
fn clones_of_event_types_allocate_nothing() {
    check_clones_free("without segments", &EventType::new());
    // All lengths, also those that fill what was allocated for them.
    for len in 0..300 {
        check_clones_free(&format!("of {len} bytes"), &EventType::from(["x".repeat(len)]));
        check_clones_free(&format!("of {len} bytes, detached"), &EventType::from(["x".repeat(len)]).detach());
    }
    let received = Bytes::from(vec![0x81, 0x81, b'a']);
    let (decoded, _) = EventType::take_packed(&received, 0).unwrap();
    check_clones_free("out of a buffer", &decoded);
}

#[test]
fn clones_of_events_allocate_nothing() {
    let event = RegisterEvent {
        event_type: EventType::from(["a"]),
        source_timestamp: None,
        payload: Some(EventPayload::json(&[1, 2, 3]).unwrap()),
    }
    .register(EventId::default(), Timestamp::default())
    .detach();
    let clones = measure(|| drop(std::hint::black_box([event.clone(), event.clone()])));
    assert_eq!(clones.count_total, 0);
}
