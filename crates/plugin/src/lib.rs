//! The contracts of Hat event backends, modules and engines.
mod resource;
mod schema;
mod source;

pub use resource::{Hold, Lifecycle, Resource};
pub use schema::{SchemaError, SchemaRepository, Violation, json_schema_repo};
pub use source::{Source, SourceType};
