//! Framing of the message connection between Hat components.
//!
//! On a connection, messages follow one another, each behind its length. [`FrameSplitter`] cuts received bytes into
//! [`Frame`]s, whatever the pieces in which they come; a frame decodes to a [`Msg`], and [`Msg::to_frame`] makes the
//! bytes of one. There is no socket and no clock here, and no knowledge of what a message carries: see
//! `hat-event-codec`.
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

mod error;
mod frame;
mod message;

pub use error::StreamError;
pub use frame::{DEFAULT_MAX_LEN, Frame, FrameSplitter, encode_frame};
pub use message::{Msg, MsgData, SCHEMA};
