//! Event backends that come with Hat events.
//!
//! | feature | name in configurations | keeps events |
//! |---|---|---|
//! | `dummy` | `hat.event.backends.dummy` | not at all |
//! | `lmdb` | `hat.event.backends.lmdb` | in a file that the reference's server reads and writes too |
//! | `memory` | `hat.event.backends.memory` | in memory, until it is closed |
//!
//! All features are default. [`backends`] has what is built in, by name; `docs/src/plugins.md` tells how to write one.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use hat_event_common::{EventId, EventType, QueryLatestParams, RegisterEvent, Timestamp, import_backend_info};
//!
//! let conf = serde_json::json!({"module": "hat.event.backends.memory"});
//! let name = conf["module"].as_str().unwrap_or_default();
//! let backend = import_backend_info(&hat_event_backends::backends(), name)?.create(conf, None, None).await?;
//!
//! let event = RegisterEvent { event_type: EventType::from(["a", "b"]), source_timestamp: None, payload: None };
//! let event = event.register(EventId::new(1, 1, 1)?, Timestamp::now());
//! backend.register([event.clone()].into()).await?;
//!
//! let latest = QueryLatestParams { event_types: Some(vec!["a/?".parse()?]) };
//! assert_eq!(backend.query(latest.into()).await?.events, [event]);
//! backend.async_close().await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

#[cfg(feature = "dummy")]
mod dummy;
#[cfg(feature = "lmdb")]
mod lmdb;
#[cfg(feature = "memory")]
mod memory;

use hat_event_common::{BackendInfo, Registry};

#[cfg(feature = "dummy")]
pub use dummy::DummyBackend;
#[cfg(feature = "lmdb")]
pub use lmdb::LmdbBackend;
#[cfg(feature = "memory")]
pub use memory::MemoryBackend;

/// The backends of this crate, by the names that configurations have under `module`.
///
/// Whoever has backends of their own adds them to it.
pub fn backends() -> Registry<BackendInfo> {
    #[cfg_attr(
        not(any(feature = "dummy", feature = "lmdb", feature = "memory")),
        expect(unused_mut, reason = "nothing is built in")
    )]
    let mut backends = Registry::new();
    #[cfg(feature = "dummy")]
    backends.insert(DummyBackend::NAME, DummyBackend::info());
    #[cfg(feature = "lmdb")]
    backends.insert(LmdbBackend::NAME, LmdbBackend::info());
    #[cfg(feature = "memory")]
    backends.insert(MemoryBackend::NAME, MemoryBackend::info());
    backends
}
