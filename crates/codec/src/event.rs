use hat_event_types::{
    Event, EventId, EventPayload, EventPayloadBinary, EventPayloadJson, EventType, InstanceId, RegisterEvent, ServerId,
    SessionId, Timestamp,
};

use crate::sbs::record;
use crate::{DecodeError, DecodeErrorKind, Reader, Sbs, Writer};

macro_rules! id {
    ($($type:ty),*) => {
        $(impl Sbs for $type {
            const MIN_LEN: usize = 1;

            #[inline]
            fn expected_len(&self) -> usize {
                // Up to 2^34.
                5
            }

            #[inline]
            fn encode(&self, writer: &mut Writer) {
                // An id is below 2^63.
                writer.integer(self.get() as i64);
            }

            #[inline]
            fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
                let at = reader.position();
                let number = reader.integer()?;
                u64::try_from(number)
                    .ok()
                    .and_then(|id| Self::new(id).ok())
                    .ok_or_else(|| DecodeError::new(DecodeErrorKind::Negative(number), at))
            }
        })*
    };
}

id!(ServerId, SessionId, InstanceId);

record!(EventId { server: ServerId = "server", session: SessionId = "session", instance: InstanceId = "instance" });

record!(Event {
    id: EventId = "id",
    event_type: EventType = "type",
    timestamp: Timestamp = "timestamp",
    source_timestamp: Option<Timestamp> = "sourceTimestamp",
    payload: Option<EventPayload> = "payload",
});

record!(RegisterEvent {
    event_type: EventType = "type",
    source_timestamp: Option<Timestamp> = "sourceTimestamp",
    payload: Option<EventPayload> = "payload",
});

record!(EventPayloadBinary { binary_type: bytestring::ByteString = "type", data: bytes::Bytes = "data" });

impl Sbs for EventPayload {
    const MIN_LEN: usize = 2;

    #[inline]
    fn expected_len(&self) -> usize {
        1 + match self {
            Self::Binary(binary) => binary.expected_len(),
            Self::Json(json) => json.text().expected_len(),
        }
    }

    #[inline]
    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Binary(binary) => {
                writer.length(0);
                binary.encode(writer);
            }
            Self::Json(json) => {
                writer.length(1);
                writer.string(json.text());
            }
        }
    }

    #[inline]
    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(2)? {
            0 => EventPayloadBinary::decode(reader).map(Self::Binary).map_err(|error| error.in_field("binary")),
            _ => decode_json(reader).map(Self::Json).map_err(|error| error.in_field("json")),
        }
    }
}

#[inline(always)]
fn decode_json(reader: &mut Reader) -> Result<EventPayloadJson, DecodeError> {
    let at = reader.position();
    EventPayloadJson::from_text(reader.string()?).map_err(|error| DecodeError::new(error.into(), at))
}
