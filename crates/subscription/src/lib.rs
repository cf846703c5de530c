//! Matching of Hat event types: query types, subscriptions and collections.
//!
//! A [`QueryType`] is an event type in which a segment `?` stands for any one segment and a last segment `*` for any
//! number of them. A [`Subscription`] *is* the set of event types that its query types match: everything else about it
//! follows from that sentence. An [`EventTypeCollection`] holds many subscriptions, each with a value, and finds the
//! values whose subscriptions match an event type.
//!
//! Nothing here reads or writes bytes, and nothing recurses on its input.
//!
//! ```
//! use hat_event_subscription::{EventTypeCollection, Subscription, TreeEventTypeCollection};
//!
//! let kitchen = Subscription::new(["house/kitchen/*".parse()?])?;
//! let lights = Subscription::new(["house/?/light".parse()?, "garden/light".parse()?])?;
//! assert!(kitchen.matches(&"house/kitchen/door".parse()?));
//! assert_eq!(kitchen.intersection(&lights), Subscription::new(["house/kitchen/light".parse()?])?);
//!
//! let mut clients = TreeEventTypeCollection::from_iter([(kitchen, "cook"), (lights, "electrician")]);
//! assert_eq!(clients.get(&"house/hall/light".parse()?), [&"electrician"]);
//! clients.remove(&"electrician");
//! assert!(clients.get(&"garden/light".parse()?).is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod collection;
mod finder;
mod index;
mod matches;
mod query_type;
mod slab;
mod subscription;
mod trie;

pub use collection::{
    EventTypeCollection, ListEventTypeCollection, TreeEventTypeCollection, create_event_type_collection,
};
pub use matches::matches_query_type;
pub use query_type::{QueryType, QueryTypeError};
pub use subscription::{Subscription, create_subscription};
