//! The event protocol of Hat, as a client and a server.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod client;
mod message;
mod server;

pub use client::{Client, ClientOptions, ConnectError, Events, Pages, RequestError};
pub use server::{ConnectionId, ConnectionInfo, Handler, Server, ServerConfig};
