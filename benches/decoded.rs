//! Event types as they come out of decoding.

use bytes::BytesMut;
use hat_event_types::EventType;

/// The same event types, each thousand in the buffer of one received message.
pub(crate) fn decoded(event_types: &[EventType]) -> Vec<EventType> {
    let message = |event_types: &[EventType]| {
        let mut buffer = BytesMut::new();
        event_types.iter().for_each(|event_type| buffer.extend_from_slice(event_type.as_packed()));
        let buffer = buffer.freeze();
        let mut start = 0;
        std::iter::from_fn(move || {
            let (event_type, end) = EventType::take_packed(&buffer, start).ok()?;
            start = end;
            Some(event_type)
        })
    };
    event_types.chunks(1000).flat_map(message).collect()
}
