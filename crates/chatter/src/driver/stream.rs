use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use super::address::Address;

/// Bytes in both directions: a TCP or Unix socket, or TLS on one.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Why a stream failed, for people.
pub(super) fn failure(error: &io::Error) -> String {
    #[cfg(feature = "tls")]
    return super::tls::reason(error);
    #[cfg(not(feature = "tls"))]
    error.to_string()
}

/// The two ends of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Of this side.
    pub local: Address,
    /// Of the other side; the path of a Unix socket is on both.
    pub remote: Address,
}

impl Peer {
    /// With the address of the other side as it was when the connection was made: it may be gone by now.
    pub(super) fn of_tcp(stream: &TcpStream, remote: SocketAddr) -> io::Result<Self> {
        Ok(Self { local: stream.local_addr()?.into(), remote: remote.into() })
    }

    pub(super) fn of_unix(path: &std::path::Path) -> Self {
        let address = Address::Unix(path.to_owned());
        Self { local: address.clone(), remote: address }
    }
}
