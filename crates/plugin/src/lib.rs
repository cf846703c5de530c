//! The contracts of Hat event backends, modules and engines.
//!
//! A [`Backend`] keeps events. An [`Engine`] gives events their ids and registers them; a [`Module`] is the logic that it
//! runs. Each of the three is a trait with a written contract, and a [`Resource`]: open until it is closed.
//!
//! Backends and modules are plugins. A [`BackendInfo`] or [`ModuleInfo`] tells how one is made and which JSON schema its
//! configuration has to match; a [`Registry`] finds it by the name that configurations have under `module`.
//!
//! Nothing here stores events, runs an engine or opens a connection. Backends are in `hat-event-backends`.
//!
//! The feature `conformance` adds a suite that holds any backend to the contract.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

mod backend;
mod callback;
#[cfg(feature = "conformance")]
pub mod conformance;
mod engine;
mod error;
mod info;
mod module;
mod panic;
mod registry;
mod resource;
mod schema;
mod source;
mod turns;

pub use backend::{
    Backend, BackendClosedError, BackendConf, BackendError, BackendFlushedEventsCb, BackendInfo,
    BackendRegisteredEventsCb, CreateBackend, import_backend_info,
};
pub use callback::EventsCb;
pub use engine::{Engine, EngineError};
pub use error::{BoxError, PluginError, UnknownPluginError};
pub use info::PluginInfo;
pub use module::{CreateModule, Module, ModuleConf, ModuleInfo, import_module_info};
pub use panic::{PanicError, catch_panic};
pub use registry::Registry;
pub use resource::{Hold, Lifecycle, Resource};
pub use schema::{JsonSchemaError, SchemaRepository, Violation, json_schema_repo};
pub use source::{Source, SourceType};
pub use turns::{ToItsEnd, Turns};
