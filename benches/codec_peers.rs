//! The same events as others would define them.
//!
//! `owned` has the types that one gets without a thought, with a `String` a segment; `shared` lets prost share the
//! received buffer where it can; `borrowed` borrows from it.

use hat_event_common::{Event, EventId, EventPayload, EventPayloadJson, RegisterEvent};

macro_rules! prost_message {
    ($module:ident, $bytes:tt, $data:ty, serde: $serde:meta) => {
        pub(crate) mod $module {
            #[derive(Clone, PartialEq, prost::Message)]
            #[cfg_attr($serde, derive(serde::Serialize, serde::Deserialize, bincode::Encode, bincode::Decode))]
            pub(crate) struct Events {
                #[prost(message, repeated, tag = "1")]
                pub(crate) events: Vec<Event>,
            }

            #[derive(Clone, PartialEq, prost::Message)]
            #[cfg_attr($serde, derive(serde::Serialize, serde::Deserialize, bincode::Encode, bincode::Decode))]
            pub(crate) struct Event {
                #[prost(message, required, tag = "1")]
                pub(crate) id: EventId,
                #[prost(string, repeated, tag = "2")]
                pub(crate) event_type: Vec<String>,
                #[prost(message, required, tag = "3")]
                pub(crate) timestamp: Timestamp,
                #[prost(message, optional, tag = "4")]
                pub(crate) source_timestamp: Option<Timestamp>,
                #[prost(oneof = "Payload", tags = "5, 6")]
                pub(crate) payload: Option<Payload>,
            }

            #[derive(Clone, PartialEq, prost::Message)]
            #[cfg_attr($serde, derive(serde::Serialize, serde::Deserialize, bincode::Encode, bincode::Decode))]
            pub(crate) struct EventId {
                #[prost(uint64, tag = "1")]
                pub(crate) server: u64,
                #[prost(uint64, tag = "2")]
                pub(crate) session: u64,
                #[prost(uint64, tag = "3")]
                pub(crate) instance: u64,
            }

            #[derive(Clone, PartialEq, prost::Message)]
            #[cfg_attr($serde, derive(serde::Serialize, serde::Deserialize, bincode::Encode, bincode::Decode))]
            pub(crate) struct Timestamp {
                #[prost(int64, tag = "1")]
                pub(crate) s: i64,
                #[prost(uint32, tag = "2")]
                pub(crate) us: u32,
            }

            #[derive(Clone, PartialEq, prost::Oneof)]
            #[cfg_attr($serde, derive(serde::Serialize, serde::Deserialize, bincode::Encode, bincode::Decode))]
            pub(crate) enum Payload {
                #[prost(message, tag = "5")]
                Binary(Binary),
                #[prost(string, tag = "6")]
                Json(String),
            }

            #[derive(Clone, PartialEq, prost::Message)]
            #[cfg_attr($serde, derive(serde::Serialize, serde::Deserialize, bincode::Encode, bincode::Decode))]
            pub(crate) struct Binary {
                #[prost(string, tag = "1")]
                pub(crate) binary_type: String,
                #[prost(bytes = $bytes, tag = "2")]
                #[cfg_attr($serde, serde(with = "super::as_bytes"))]
                pub(crate) data: $data,
            }
        }
    };
}

prost_message!(owned, "vec", Vec<u8>, serde: all());
prost_message!(shared, "bytes", bytes::Bytes, serde: any());

pub(crate) mod borrowed {
    use bincode::BorrowDecode;
    use serde::Deserialize;

    pub(crate) use super::owned::{EventId, Timestamp};

    #[derive(Deserialize, BorrowDecode)]
    pub(crate) struct Events<'a> {
        #[serde(borrow)]
        pub(crate) events: Vec<Event<'a>>,
    }

    #[derive(Deserialize, BorrowDecode)]
    pub(crate) struct Event<'a> {
        pub(crate) id: EventId,
        #[serde(borrow)]
        pub(crate) event_type: Vec<&'a str>,
        pub(crate) timestamp: Timestamp,
        pub(crate) source_timestamp: Option<Timestamp>,
        pub(crate) payload: Option<Payload<'a>>,
    }

    #[derive(Deserialize, BorrowDecode)]
    pub(crate) enum Payload<'a> {
        #[serde(borrow)]
        Binary(Binary<'a>),
        Json(&'a str),
    }

    #[derive(Deserialize, BorrowDecode)]
    pub(crate) struct Binary<'a> {
        pub(crate) binary_type: &'a str,
        pub(crate) data: &'a [u8],
    }
}

/// Bytes as such, which serde otherwise takes for a sequence of numbers.
mod as_bytes {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(data: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(data)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        <&[u8]>::deserialize(deserializer).map(<[u8]>::to_vec)
    }
}

/// Makes the types of a module of our events.
macro_rules! made_of_events {
    ($module:ident) => {
        impl From<&[Event]> for $module::Events {
            fn from(events: &[Event]) -> Self {
                let time = |t: hat_event_common::Timestamp| $module::Timestamp { s: t.s(), us: t.us() };
                let payload = |payload: &EventPayload| match payload {
                    EventPayload::Json(json) => $module::Payload::Json(json.text().to_string()),
                    EventPayload::Binary(binary) => $module::Payload::Binary($module::Binary {
                        binary_type: binary.binary_type.to_string(),
                        data: binary.data.to_vec().into(),
                    }),
                };
                let event = |event: &Event| $module::Event {
                    id: $module::EventId {
                        server: event.id.server.get(),
                        session: event.id.session.get(),
                        instance: event.id.instance.get(),
                    },
                    event_type: event.event_type.segments().map(str::to_owned).collect(),
                    timestamp: time(event.timestamp),
                    source_timestamp: event.source_timestamp.map(time),
                    payload: event.payload.as_ref().map(payload),
                };
                Self { events: events.iter().map(event).collect() }
            }
        }
    };
}

made_of_events!(owned);
made_of_events!(shared);

/// Makes our events of the types of a module, to see that nothing was lost.
macro_rules! restores_events {
    ($module:ident, $events:ty) => {
        impl $events {
            pub(crate) fn restored(&self) -> Vec<Event> {
                let time = |t: &$module::Timestamp| hat_event_common::Timestamp::new(t.s, t.us).expect("a time");
                let payload = |payload: &$module::Payload| match payload {
                    $module::Payload::Json(text) => {
                        EventPayloadJson::from_text(text.to_string()).expect("this is JSON").into()
                    }
                    $module::Payload::Binary(binary) => {
                        EventPayload::binary(binary.binary_type.to_string(), binary.data.to_vec())
                    }
                };
                let event = |event: &$module::Event| {
                    RegisterEvent {
                        event_type: event.event_type.iter().collect(),
                        source_timestamp: event.source_timestamp.as_ref().map(time),
                        payload: event.payload.as_ref().map(payload),
                    }
                    .register(
                        EventId::new(event.id.server, event.id.session, event.id.instance).expect("small ids"),
                        time(&event.timestamp),
                    )
                };
                self.events.iter().map(event).collect()
            }
        }
    };
}

restores_events!(owned, owned::Events);
restores_events!(shared, shared::Events);
restores_events!(borrowed, borrowed::Events<'_>);
