//! Connections on sockets, in tasks of tokio.

mod address;
mod connect;
mod listener;
mod receiver;
mod sender;
mod socket;
mod stream;

pub use address::{Address, AddressError};
pub use connect::{ConnectError, connect};
pub use listener::{ListenConfig, Listener, listen};
pub use receiver::{Receiver, Until};
pub use sender::Sender;
pub use stream::Peer;
