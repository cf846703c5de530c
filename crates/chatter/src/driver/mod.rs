//! Connections on sockets, in tasks of tokio.

mod address;
mod connect;
mod listener;
mod receiver;
mod sender;
mod socket;
mod stream;
#[cfg(feature = "tls")]
mod tls;

pub use address::{Address, AddressError};
pub use connect::{ConnectConfig, ConnectError, connect};
pub use listener::{ListenConfig, Listener, listen};
pub use receiver::{Receiver, Until};
pub use sender::Sender;
pub use stream::Peer;
#[cfg(feature = "tls")]
pub use tls::{CertificateFiles, ClientTls, ClientTlsOptions, ServerTls, TlsError};
