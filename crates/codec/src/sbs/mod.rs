//! SBS, the simple binary serializer of Hat.
//!
//! [`Reader`] and [`Writer`] know the primitives; [`Sbs`] is what typed values implement. The dynamic way begins with
//! the text of a `schema`, becomes `types`, and is for those who hold a [`Repository`].

mod data;
mod decode;
mod encode;
mod error;
mod notation;
mod reader;
mod repository;
mod schema;
mod types;
mod value;
mod writer;

pub use data::Data;
pub use error::{EncodeError, EncodeErrorKind, SbsError};
pub use reader::Reader;
pub use repository::{Repository, RepositoryBuilder};
pub use schema::{SchemaError, SchemaErrorKind};
pub use value::Sbs;
pub(crate) use value::{none, plain_choice, record};
pub use writer::Writer;

/// How deep the records, choices and arrays of [`Data`] may be nested when it is encoded or decoded.
pub const MAX_DEPTH: usize = 128;

/// How many items that take no bytes, such as `None`, the arrays of [`Data`] may have in all when it is encoded or
/// decoded. A record counts with all records and fields in it.
pub const MAX_EMPTY_ITEMS: usize = 1 << 16;
