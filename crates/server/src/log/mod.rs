//! Log lines as Python's `logging` configures them.
//!
//! The section `log:` of a Hat configuration is read by a fixed table: what it names is never looked up, and what is not in the
//! table is refused with a [`Warning`]. A [`Logging`] takes what `tracing` tells and has a thread of its own write it.

mod conf;
mod error;
mod format;
mod handle;
mod level;
mod local;
mod names;
mod queue;
mod record;
mod router;
mod sink;
mod strftime;
mod subscriber;
mod writer;

pub use conf::{LogConf, Warning};
pub use error::LogError;
pub use handle::Logging;
pub use subscriber::LogSubscriber;

#[cfg(test)]
mod tests;
