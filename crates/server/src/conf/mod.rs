//! Configurations of servers: where they are found, how they are read and checked.

mod document;

pub use document::{Document, DocumentError, Format, Place, Remark, UnknownFormatError};
