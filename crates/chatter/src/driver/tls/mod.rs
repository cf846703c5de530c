//! TLS on the sockets, by rustls.
//!
//! Whatever is wrong with certificate and key files is said when [`ClientTls`] and [`ServerTls`] are made, not when
//! somebody connects.

mod client;
mod error;
mod files;
mod reason;
mod server;

pub use client::{ClientTls, ClientTlsOptions};
pub use error::TlsError;
pub use files::CertificateFiles;
pub(super) use reason::{handshake_reason, reason};
pub use server::ServerTls;
