//! The Hat event server, for embedding: what the program `hat-event serve` runs.
//!
//! ```
//! use hat_event_common::{EventType, QueryLatestParams, RegisterEvent, Resource, Source, SourceType};
//! use hat_event_server::EventServer;
//! use serde_json::json;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let conf = json!({
//!     "name": "embedded",
//!     "server_id": 1,
//!     "backend": {"module": "hat.event.backends.memory"},
//!     "modules": [],
//!     "eventer_server": {"host": "127.0.0.1", "port": 0},
//! });
//! let server = EventServer::builder().start(conf).await?;
//! let engine = server.wait_operational().await.ok_or("it closes")?;
//!
//! let event = RegisterEvent { event_type: EventType::from(["a", "b"]), source_timestamp: None, payload: None };
//! engine.register_shared(Source::new(SourceType::Server, 0), vec![event]).await?;
//! let latest = server.backend().query(QueryLatestParams { event_types: Some(vec!["a/?".parse()?]) }.into()).await?;
//! assert_eq!(latest.events.len(), 1);
//! server.async_close().await;
//! # Ok(())
//! # }
//! ```

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

pub mod adminer;
mod builder;
pub mod conf;
pub mod engine;
mod eventer;
pub mod log;
mod runner;
mod server;

pub use builder::Builder;
pub use server::{EventServer, StartError};
