//! The event protocol of Hat, as a client and a server that any Hat component can talk to.
//!
//! A [`Client`] registers events, asks for events, and is told of those that it subscribes to; a [`ReconnectingClient`] does so
//! over connections that end, and misses nothing. A [`Server`] routes events to its
//! clients; what it does with registrations and queries is the matter of its [`Handler`].
//!
//! ```
//! use std::sync::Arc;
//!
//! use async_trait::async_trait;
//! use hat_event_chatter::{Address, ListenConfig};
//! use hat_event_common::{
//!     BoxError, Event, EventId, QueryParams, QueryResult, RegisterEvent, Timestamp,
//! };
//! use hat_event_eventer::{Client, ClientOptions, ConnectionInfo, Handler, Server, ServerConfig};
//!
//! /// Keeps nothing.
//! struct Forgetful;
//!
//! #[async_trait]
//! impl Handler for Forgetful {
//!     async fn register(&self, _: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
//!         let id = EventId::new(1, 1, 1).ok()?;
//!         Some(events.into_iter().map(|event| event.register(id, Timestamp::now())).collect())
//!     }
//!
//!     async fn query(&self, _: &Arc<ConnectionInfo>, _: QueryParams) -> Result<QueryResult, BoxError> {
//!         Ok(QueryResult::default())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = Server::new(Arc::new(Forgetful), ServerConfig::default());
//! let listener = server.listen(&[Address::tcp("127.0.0.1", 0)], ListenConfig::default()).await?;
//!
//! let options = ClientOptions::new("doorbell").subscribe(["house/*".parse()?]);
//! let (client, mut events) = Client::connect(&listener.addresses()[0], options).await?;
//! let ring = RegisterEvent { event_type: "house/door".parse()?, source_timestamp: None, payload: None };
//! let registered = client.register_with_response(&[ring]).await?;
//! server.notify_events(&registered, false);
//! assert_eq!(events.next().await, Some(registered));
//!
//! client.async_close().await;
//! listener.async_close().await;
//! # Ok(())
//! # }
//! ```
//!
//! [`AdminerClient`] and [`AdminerServer`] are the adminer protocol, which gets and sets the configuration of a server's
//! logging. Connections themselves are of `hat-event-chatter`.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod adminer;
mod client;
mod message;
mod reconnecting;
mod server;

pub use adminer::{AdminerClient, AdminerError, AdminerServer, LogConfHandler};
pub use client::{Client, ClientOptions, ConnectError, Events, Pages, RequestError};
pub use reconnecting::{ReconnectOptions, ReconnectState, ReconnectingClient, ReconnectingEvents};
pub use server::{ConnectionId, ConnectionInfo, Handler, Server, ServerConfig};
