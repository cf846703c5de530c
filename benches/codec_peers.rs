//! The same events as others would define them.
//!
//! `owned` has the types that one gets without a thought, with a `String` a segment; `shared` lets prost share the
//! received buffer where it can.

use hat_event_common::{Event, EventPayload};

macro_rules! message {
    ($module:ident, $bytes:tt, $data:ty, [$($derive:path),*]) => {
        pub(crate) mod $module {
            #[derive(Clone, PartialEq, prost::Message $(, $derive)*)]
            pub(crate) struct Events {
                #[prost(message, repeated, tag = "1")]
                pub(crate) events: Vec<Event>,
            }

            #[derive(Clone, PartialEq, prost::Message $(, $derive)*)]
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

            #[derive(Clone, PartialEq, prost::Message $(, $derive)*)]
            pub(crate) struct EventId {
                #[prost(uint64, tag = "1")]
                pub(crate) server: u64,
                #[prost(uint64, tag = "2")]
                pub(crate) session: u64,
                #[prost(uint64, tag = "3")]
                pub(crate) instance: u64,
            }

            #[derive(Clone, PartialEq, prost::Message $(, $derive)*)]
            pub(crate) struct Timestamp {
                #[prost(int64, tag = "1")]
                pub(crate) s: i64,
                #[prost(uint32, tag = "2")]
                pub(crate) us: u32,
            }

            #[derive(Clone, PartialEq, prost::Oneof $(, $derive)*)]
            pub(crate) enum Payload {
                #[prost(message, tag = "5")]
                Binary(Binary),
                #[prost(string, tag = "6")]
                Json(String),
            }

            #[derive(Clone, PartialEq, prost::Message $(, $derive)*)]
            pub(crate) struct Binary {
                #[prost(string, tag = "1")]
                pub(crate) binary_type: String,
                #[prost(bytes = $bytes, tag = "2")]
                pub(crate) data: $data,
            }

            impl From<&[super::Event]> for Events {
                fn from(events: &[super::Event]) -> Self {
                    Self { events: events.iter().map(Event::from).collect() }
                }
            }

            impl From<&super::Event> for Event {
                fn from(event: &super::Event) -> Self {
                    let id = event.id;
                    Self {
                        id: EventId { server: id.server.get(), session: id.session.get(), instance: id.instance.get() },
                        event_type: event.event_type.segments().map(str::to_owned).collect(),
                        timestamp: event.timestamp.into(),
                        source_timestamp: event.source_timestamp.map(Timestamp::from),
                        payload: event.payload.as_ref().map(Payload::from),
                    }
                }
            }

            impl From<hat_event_common::Timestamp> for Timestamp {
                fn from(t: hat_event_common::Timestamp) -> Self {
                    Self { s: t.s(), us: t.us() }
                }
            }

            impl From<&super::EventPayload> for Payload {
                fn from(payload: &super::EventPayload) -> Self {
                    match payload {
                        super::EventPayload::Json(json) => Self::Json(json.text().to_string()),
                        super::EventPayload::Binary(binary) => Self::Binary(Binary {
                            binary_type: binary.binary_type.to_string(),
                            data: binary.data.to_vec().into(),
                        }),
                    }
                }
            }
        }
    };
}

message!(owned, "vec", Vec<u8>, [serde::Serialize, serde::Deserialize]);
message!(shared, "bytes", bytes::Bytes, []);
