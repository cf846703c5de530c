//! The bytes of Hat events: SBS values, messages and timestamps.
//!
//! There are two ways between values and bytes, with one result. The *typed* way, [`Sbs`], goes straight between Rust
//! values and bytes. The *dynamic* way goes by a schema: a [`Repository`] of SBS modules encodes and decodes [`Data`] by
//! the name of a type. Decoded values share the memory of the received bytes.
//!
//! ```
//! use hat_event_codec::{MsgRegisterReq, Sbs, sbs_repo};
//! use hat_event_types::{EventPayload, RegisterEvent};
//!
//! let event = RegisterEvent {
//!     event_type: "house/door".parse()?,
//!     source_timestamp: None,
//!     payload: Some(EventPayload::json("open")?),
//! };
//! let bytes = MsgRegisterReq(vec![event.clone()]).to_sbs_bytes();
//! assert_eq!(MsgRegisterReq::from_sbs_bytes(bytes.clone())?.0, [event]);
//!
//! let data = sbs_repo().decode("HatEventer.MsgRegisterReq", bytes.clone())?;
//! assert_eq!(sbs_repo().encode("HatEventer.MsgRegisterReq", &data)?, bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing here opens a connection or frames messages: see `hat-event-chatter`.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod adminer;
mod error;
mod event;
mod eventer;
mod message;
mod path;
mod query;
mod sbs;
mod sbs_repo;
mod status;
mod timestamp;

pub use adminer::{MsgGetLogConfReq, MsgGetLogConfRes, MsgSetLogConfReq, MsgSetLogConfRes};
pub use error::{DecodeError, DecodeErrorKind};
pub use eventer::{
    MsgEventsAck, MsgEventsNotify, MsgInitReq, MsgInitRes, MsgQueryReq, MsgQueryRes, MsgRegisterReq, MsgRegisterRes,
    MsgStatusNotify,
};
pub use message::{Message, MessageError};
pub use sbs::{
    Data, EncodeError, EncodeErrorKind, MAX_DEPTH, MAX_EMPTY_ITEMS, Reader, Repository, RepositoryBuilder, Sbs,
    SbsError, SchemaError, SchemaErrorKind, Writer,
};
pub use sbs_repo::{
    SBS_SCHEMAS, event_from_sbs, event_payload_from_sbs, event_payload_to_sbs, event_to_sbs, query_params_from_sbs,
    query_params_to_sbs, query_result_from_sbs, query_result_to_sbs, register_event_from_sbs, register_event_to_sbs,
    sbs_repo, status_from_sbs, status_to_sbs, timestamp_from_sbs, timestamp_to_sbs,
};
pub use timestamp::{
    timestamp_from_bytes, timestamp_from_datetime, timestamp_from_float, timestamp_to_bytes, timestamp_to_datetime,
    timestamp_to_float,
};
