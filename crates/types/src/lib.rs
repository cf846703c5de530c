//! Events of the Hat event system, and what identifies and orders them.
//!
//! An [`Event`] is something that happened: it is named by a hierarchical [`EventType`], identified by an [`EventId`]
//! and stamped by the server that registered it. A [`RegisterEvent`] is the same before registration: no id and no
//! timestamp yet. [`QueryParams`] ask a server for events, a [`QueryResult`] answers.
//!
//! Nothing here matches, reads or writes: see `hat-event-subscription` and `hat-event-codec`.
//!
//! ```
//! use hat_event_types::{EventPayload, EventType, RegisterEvent, Timestamp};
//!
//! let event = RegisterEvent {
//!     event_type: EventType::from(["house", "kitchen", "temperature"]),
//!     source_timestamp: Some(Timestamp::now()),
//!     payload: Some(EventPayload::json(&21.5)?),
//! };
//! assert_eq!(event.event_type, "house/kitchen/temperature".parse()?);
//! assert_eq!(event.payload.unwrap().parse::<f64>()?, 21.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! With the feature `serde` all values here have the JSON form that the tools of Hat print.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod detach;
mod event;
mod event_type;
mod id;
mod id_text;
mod json;
mod payload;
mod query;
#[cfg(feature = "serde")]
mod serde_form;
mod status;
mod timestamp;

pub use event::{Event, RegisterEvent};
pub use event_type::{EventType, EventTypeSegment, PackedError, Segments};
pub use id::{EventId, IdError, InstanceId, ServerId, SessionId};
pub use id_text::ParseIdError;
pub use json::{JsonError, JsonErrorKind, MAX_JSON_DEPTH, check_json, json_text};
pub use payload::{EventPayload, EventPayloadBinary, EventPayloadJson, PayloadError};
pub use query::{
    Order, OrderBy, QueryLatestParams, QueryParams, QueryResult, QueryServerParams, QueryTimeseriesParams,
};
pub use status::Status;
pub use timestamp::{MAX_TIMESTAMP, MIN_TIMESTAMP, Timestamp, TimestampError, now};
