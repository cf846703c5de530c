use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

use super::address::Address;
use super::receiver::Receiver;
use super::stream::{Peer, Stream};
#[cfg(feature = "tls")]
use super::tls::{ClientTls, handshake_reason};
use crate::{Config, Connection};

/// How a client connects. Made of a [`Config`] it is without TLS.
#[derive(Clone, Debug, Default)]
pub struct ConnectConfig {
    /// Of the connection.
    pub connection: Config,
    /// TLS, if the server wants it. `None`.
    #[cfg(feature = "tls")]
    pub tls: Option<ClientTls>,
}

impl From<Config> for ConnectConfig {
    fn from(connection: Config) -> Self {
        Self { connection, ..Self::default() }
    }
}

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
    /// The server is there, but there can be no TLS with it.
    #[cfg(feature = "tls")]
    #[error("no TLS with {address}: {reason}")]
    Tls {
        /// Where to.
        address: Address,
        /// What one side does not like about the other.
        reason: String,
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
/// In TLS 1.3 a server looks at the client's certificate when the client is done already: that it refuses it is the reason
/// for which the connection then ends.
///
/// # Errors
///
/// [`ConnectError`], also if it takes longer than the [`Config::handshake_timeout`].
pub async fn connect(address: &Address, config: impl Into<ConnectConfig>) -> Result<Receiver, ConnectError> {
    let config = config.into();
    let connecting = open_all(address, &config);
    let (stream, peer) = match config.connection.handshake_timeout {
        Some(timeout) => tokio::time::timeout(timeout, connecting)
            .await
            .map_err(|_| ConnectError::Timeout { address: address.clone(), timeout })?,
        None => connecting.await,
    }?;
    let connection = Connection::new(config.connection, tokio::time::Instant::now().into_std());
    Ok(Receiver::new(stream, peer, connection))
}

/// Opens the socket, and TLS on it if it is wanted.
async fn open_all(address: &Address, config: &ConnectConfig) -> Result<(Box<dyn Stream>, Peer), ConnectError> {
    let opened = open(address).await.map_err(|error| ConnectError::Io { address: address.clone(), error })?;
    #[cfg(feature = "tls")]
    if let Some(tls) = &config.tls {
        let (stream, peer) = opened;
        let failed = |error| ConnectError::Tls { address: address.clone(), reason: handshake_reason(&error) };
        return Ok((tls.handshake(stream, address).await.map_err(failed)?, peer));
    }
    #[cfg(not(feature = "tls"))]
    let _ = config;
    Ok(opened)
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
