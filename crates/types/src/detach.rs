//! Small values cut out of a large buffer keep all of it alive; detaching moves them into memory of their own.

use bytes::Bytes;
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

impl EventPayload {
    /// Copies in one buffer of their own, in the same order.
    ///
    /// For whoever keeps all of them, and as long: one copy keeps the memory of all.
    pub fn detach_all<'a>(payloads: impl Iterator<Item = &'a Self> + Clone) -> impl Iterator<Item = Self> {
        let mut own = Vec::with_capacity(payloads.clone().map(len).sum());
        payloads.clone().for_each(|payload| put(&mut own, payload));
        let mut own = Cutter::new(own);
        payloads.map(move |payload| own.payload(payload))
    }
}

fn detach(event_type: &EventType, payload: Option<&EventPayload>) -> (EventType, Option<EventPayload>) {
    let mut own = Vec::with_capacity(event_type.as_packed().len() + payload.map_or(0, len));
    own.extend_from_slice(event_type.as_packed());
    if let Some(payload) = payload {
        put(&mut own, payload);
    }
    let mut own = Cutter::new(own);
    let event_type = EventType::with_packed(own.bytes(event_type.as_packed().len()));
    (event_type, payload.map(|payload| own.payload(payload)))
}

/// How many bytes there are of a payload.
fn len(payload: &EventPayload) -> usize {
    match payload {
        EventPayload::Binary(binary) => binary.binary_type.len() + binary.data.len(),
        EventPayload::Json(json) => json.text().len(),
    }
}

/// Appends the bytes of a payload.
fn put(out: &mut Vec<u8>, payload: &EventPayload) {
    match payload {
        EventPayload::Binary(binary) => {
            out.extend_from_slice(binary.binary_type.as_bytes());
            out.extend_from_slice(&binary.data);
        }
        EventPayload::Json(json) => out.extend_from_slice(json.text().as_bytes()),
    }
}

/// Cuts a buffer into what was put there, one after the other.
struct Cutter {
    buffer: Bytes,
    at: usize,
}

impl Cutter {
    fn new(buffer: Vec<u8>) -> Self {
        Self { buffer: buffer.into(), at: 0 }
    }

    /// The piece that has the bytes of a payload.
    fn payload(&mut self, of: &EventPayload) -> EventPayload {
        match of {
            EventPayload::Binary(binary) => EventPayload::Binary(EventPayloadBinary {
                binary_type: self.text(binary.binary_type.len()),
                data: self.bytes(binary.data.len()),
            }),
            EventPayload::Json(json) => EventPayload::Json(EventPayloadJson::trusted(self.text(json.text().len()))),
        }
    }

    fn bytes(&mut self, len: usize) -> Bytes {
        let start = self.at;
        self.at += len;
        self.buffer.slice(start..self.at)
    }

    fn text(&mut self, len: usize) -> ByteString {
        // It was text before; the check is far cheaper than the copy.
        ByteString::try_from(self.bytes(len)).unwrap_or_default()
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

    #[test]
    fn payloads_detached_together_lie_in_one_buffer() {
        let received = Bytes::from_static(b"labeldata{}");
        let text = |range| ByteString::try_from(received.slice(range)).unwrap();
        let binary = |label, data| EventPayload::binary(text(label), received.slice(data));
        let json = EventPayload::from(EventPayloadJson::from_text(text(9..11)).unwrap());
        let payloads = [binary(0..5, 5..9), json, binary(0..0, 0..0), binary(0..5, 7..9)];
        let detached: Vec<EventPayload> = EventPayload::detach_all(payloads.iter()).collect();
        assert_eq!(detached, payloads);

        let own = detached[0].as_binary().unwrap().binary_type.as_ptr();
        assert!(!received.as_ptr_range().contains(&own));
        assert_eq!(detached[1].as_json().unwrap().text().as_ptr(), own.wrapping_add(9));
        assert_eq!(detached[3].as_binary().unwrap().data.as_ptr(), own.wrapping_add(16));
        assert_eq!(EventPayload::detach_all([].iter()).count(), 0);
    }
}
