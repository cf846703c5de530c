//! Configurations of servers: where they are found, how they are read and checked.

mod check;
mod default;
mod document;
mod find;
mod folders;
mod plugins;
mod problem;
mod server_conf;
mod unknown;

pub use default::embedded_default;
pub use document::{Document, DocumentError, Format, Place, Remark, UnknownFormatError};
pub use find::{ReadError, Source, find};
pub use folders::Folders;
pub use plugins::Plugins;
pub use problem::{ConfErrors, Problem};
pub use server_conf::{Limits, ListenConf, ServerConf, TlsConf};
