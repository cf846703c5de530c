//! The whole of `hat.event.common` in Rust: what all components of a Hat system share to talk in events.
//!
//! This crate re-exports its four layers and adds nothing. Every name that the Python module exports is here; the
//! constants are `MIN_TIMESTAMP` and `MAX_TIMESTAMP`. Whoever needs one layer only can depend on that alone:
//!
//! | crate | what it is |
//! |---|---|
//! | `hat-event-types` | events, ids, event types, timestamps, payloads, queries |
//! | `hat-event-codec` | SBS, the messages of the protocols, the bytes of timestamps |
//! | `hat-event-subscription` | matching, subscriptions, collections by event type |
//! | `hat-event-plugin` | the contracts of backends, modules and the engine |
//!
//! # Example
//!
//! A client's subscription decides which of the received events are its own:
//!
//! ```
//! use hat_event_common::{
//!     Event, EventId, EventPayload, MsgEventsNotify, RegisterEvent, Sbs, Timestamp, create_subscription,
//! };
//!
//! // A server registers two events,
//! let register = |event_type: &str, value: f64, instance| -> Result<Event, Box<dyn std::error::Error>> {
//!     let event = RegisterEvent {
//!         event_type: event_type.parse()?,
//!         source_timestamp: None,
//!         payload: Some(EventPayload::json(&value)?),
//!     };
//!     Ok(event.register(EventId::new(1, 1, instance)?, Timestamp::now()))
//! };
//! let events = vec![register("house/kitchen/temperature", 21.5, 1)?, register("garden/pond/level", 0.8, 2)?];
//!
//! // notifies a client of them in the bytes that every Hat component understands,
//! let bytes = MsgEventsNotify(events).to_sbs_bytes();
//!
//! // and the client picks what it subscribed to.
//! let subscription = create_subscription(["house/*".parse()?, "?/door".parse()?])?;
//! let MsgEventsNotify(received) = MsgEventsNotify::from_sbs_bytes(bytes)?;
//! let mine: Vec<&Event> = received.iter().filter(|event| subscription.matches(&event.event_type)).collect();
//!
//! assert_eq!(mine.len(), 1);
//! assert_eq!(mine[0].event_type.to_string(), "house/kitchen/temperature");
//! assert_eq!(mine[0].payload.as_ref().unwrap().parse::<f64>()?, 21.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! - `serde`: the JSON form that people and tools read, for the values of `hat-event-types`.
//! - `conformance`: the suite that proves a backend.

pub use hat_event_codec::*;
pub use hat_event_plugin::*;
pub use hat_event_subscription::*;
pub use hat_event_types::*;

// The code on these pages runs as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/src/getting-started.md")]
mod getting_started {}
#[cfg(doctest)]
#[doc = include_str!("../../../docs/src/matching.md")]
mod matching {}
