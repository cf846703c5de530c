//! Small values cut out of a large buffer keep all of it alive; detaching moves them into memory of their own.

use bytes::{Bytes, BytesMut};
use bytestring::ByteString;

use crate::{Event, EventPayload, EventPayloadBinary, EventPayloadJson, EventType, RegisterEvent};

impl Event {
    /// A copy in one buffer of its own, whatever buffer this event was cut out of.
    ///
    /// Whoever keeps events calls this, so that a few of them do not keep a whole received message alive.
    pub fn detach(&self) -> Self {
        let (event_type, payload) = detach(&self.event_type, self.payload.as_ref());
        Self { event_type, payload, ..*self }
    }
}

impl RegisterEvent {
    /// A copy in one buffer of its own, whatever buffer this event was cut out of.
    pub fn detach(&self) -> Self {
        let (event_type, payload) = detach(&self.event_type, self.payload.as_ref());
        Self { event_type, payload, ..*self }
    }
}

impl EventType {
    /// A copy in memory of its own, whatever buffer this event type was cut out of.
    pub fn detach(&self) -> Self {
        detach(self, None).0
    }
}

fn detach(event_type: &EventType, payload: Option<&EventPayload>) -> (EventType, Option<EventPayload>) {
    let payload_len = match payload {
        None => 0,
        Some(EventPayload::Binary(binary)) => binary.binary_type.len() + binary.data.len(),
        Some(EventPayload::Json(json)) => json.text().len(),
    };
    let mut own = Cutter(BytesMut::with_capacity(event_type.as_packed().len() + payload_len));
    let event_type = EventType::with_packed(own.bytes(event_type.as_packed()));
    let payload = payload.map(|payload| match payload {
        EventPayload::Binary(binary) => EventPayload::Binary(EventPayloadBinary {
            binary_type: own.text(&binary.binary_type),
            data: own.bytes(&binary.data),
        }),
        EventPayload::Json(json) => EventPayload::Json(EventPayloadJson::trusted(own.text(json.text()))),
    });
    (event_type, payload)
}

struct Cutter(BytesMut);

impl Cutter {
    fn bytes(&mut self, data: &[u8]) -> Bytes {
        self.0.extend_from_slice(data);
        self.0.split().freeze()
    }

    fn text(&mut self, text: &str) -> ByteString {
        // It was text before; the check is far cheaper than the copy.
        ByteString::try_from(self.bytes(text.as_bytes())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EventId, Timestamp};

    #[test]
    fn detached_events_are_equal_and_lie_elsewhere_in_one_piece() {
        let received = Bytes::from_static(b"\x81\x81alabeldata");
        let (event_type, _) = EventType::take_packed(&received, 0).unwrap();
        let payload = EventPayloadBinary {
            binary_type: ByteString::try_from(received.slice(3..8)).unwrap(),
            data: received.slice(8..),
        };
        let event = RegisterEvent { event_type, source_timestamp: None, payload: Some(payload.into()) }
            .register(EventId::default(), Timestamp::default());
        let detached = event.detach();
        assert_eq!(detached, event);

        let own = detached.event_type.as_packed().as_ptr();
        assert!(!received.as_ptr_range().contains(&own));
        let Some(EventPayload::Binary(binary)) = detached.payload else { panic!("payload lost") };
        assert_eq!(binary.binary_type.as_ptr(), own.wrapping_add(3));
        assert_eq!(binary.data.as_ptr(), own.wrapping_add(8));
        assert_ne!(event.event_type.detach().as_packed().as_ptr(), received.as_ptr());
    }
}
