//! The message connection between Hat components, known in Hat as chatter.
//!
//! On a connection, messages follow one another, each behind its length, and belong to conversations. There are three
//! layers, each usable alone:
//!
//! - [`FrameSplitter`] cuts received bytes into [`Frame`]s, whatever the pieces in which they come; a frame decodes to a
//!   [`Msg`], and [`Msg::to_frame`] makes the bytes of one.
//! - [`Connection`] is one side of a connection without socket and clock: conversations, pings, limits, closing.
//! - [`connect`] and [`listen`], behind the feature `driver`, run it on TCP and Unix sockets in tasks of tokio; behind the
//!   feature `tls`, with TLS by [`ClientTls`] and [`ServerTls`].
//!
//! There is no knowledge of what a message carries: see `hat-event-codec` and `hat-event-eventer`.
//!
//! ```
//! use hat_event_chatter::{FrameSplitter, Msg, MsgData};
//!
//! let ping = Msg {
//!     id: 2,
//!     first: 2,
//!     owner: true,
//!     token: true,
//!     last: false,
//!     data: MsgData { data_type: "HatChatter.Ping".into(), data: Default::default() },
//! };
//! let mut splitter = FrameSplitter::new();
//! for piece in ping.to_frame().chunks(7) {
//!     assert_eq!(splitter.next_frame()?, None);
//!     splitter.feed(piece);
//! }
//! let frame = splitter.next_frame()?.unwrap();
//! assert_eq!(frame.decode()?, ping);
//! splitter.finish()?;
//! # Ok::<(), hat_event_chatter::StreamError>(())
//! ```

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod close;
mod config;
mod connection;
mod conversation;
#[cfg(feature = "driver")]
mod driver;
mod error;
mod frame;
mod message;

pub use close::{CloseReason, ClosedError};
pub use config::Config;
pub use connection::Connection;
pub use conversation::{Conversation, Outgoing, Received};
#[cfg(feature = "driver")]
pub use driver::{
    Address, AddressError, ConnectConfig, ConnectError, ListenConfig, Listener, Peer, Receiver, Sender, Until, connect,
    listen,
};
#[cfg(feature = "tls")]
pub use driver::{CertificateFiles, ClientTls, ClientTlsOptions, ServerTls, TlsError};
pub use error::StreamError;
pub use frame::{DEFAULT_MAX_LEN, Frame, FrameSplitter, encode_frame};
pub use message::{Msg, MsgData, SCHEMA};

/// Compiles what the book shows.
#[cfg(all(doctest, feature = "tls"))]
#[doc = include_str!("../../../docs/src/connections.md")]
mod book {}
