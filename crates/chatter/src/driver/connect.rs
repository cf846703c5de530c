use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::address::Address;
use super::receiver::Receiver;
use super::stream::{Peer, Stream};
use crate::{Config, Connection};

/// Why no connection could be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// Nobody answers there, or nobody can.
    #[error("cannot connect to {address}: {error}")]
    Io {
        /// Where to.
        address: Address,
        /// What failed.
        error: io::Error,
    },
    /// Nobody answered in time.
    #[error("cannot connect to {address}: no answer within {timeout:?}")]
    Timeout {
        /// Where to.
        address: Address,
        /// How long was waited.
        timeout: Duration,
    },
}

/// Connects to a server.
///
/// # Errors
///
/// [`ConnectError`], also if it takes longer than the [`Config::handshake_timeout`].
pub async fn connect(address: &Address, config: Config) -> Result<Receiver, ConnectError> {
    let open = open(address);
    let opened = match config.handshake_timeout {
        Some(timeout) => tokio::time::timeout(timeout, open)
            .await
            .map_err(|_| ConnectError::Timeout { address: address.clone(), timeout })?,
        None => open.await,
    };
    let (stream, peer) = opened.map_err(|error| ConnectError::Io { address: address.clone(), error })?;
    let connection = Connection::new(config, tokio::time::Instant::now().into_std());
    Ok(Receiver::new(stream, peer, connection))
}

async fn open(address: &Address) -> io::Result<(Box<dyn Stream>, Peer)> {
    match address {
        Address::Tcp { host, port } => {
            let addresses = Address::resolve(host, *port).await?;
            let stream = TcpStream::connect(&*addresses).await?;
            stream.set_nodelay(true)?;
            let peer = Peer::of_tcp(&stream)?;
            Ok((Box::new(stream), peer))
        }
        #[cfg(unix)]
        Address::Unix(path) => Ok((Box::new(UnixStream::connect(path).await?), Peer::of_unix(path))),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(io::Error::new(io::ErrorKind::Unsupported, "no Unix sockets here")),
    }
}
