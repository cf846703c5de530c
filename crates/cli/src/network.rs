//! What commands that talk to a server have in common.

use tokio::runtime::{Builder, Runtime};

use crate::failure::Failure;

/// The defaults of `hat-event-manager`.
pub(crate) const DEFAULT_HOST: &str = "127.0.0.1";
pub(crate) const DEFAULT_PORT: u16 = 23012;

/// What runs tasks.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().enable_all().build()?)
}
