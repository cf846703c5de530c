//! SBS, the simple binary serializer of Hat.
//!
//! [`Reader`] and [`Writer`] know the primitives; [`Sbs`] is what typed values implement.

mod reader;
mod value;
mod writer;

pub use reader::Reader;
pub use value::Sbs;
pub(crate) use value::{none, plain_choice, record};
pub use writer::Writer;
