use std::io;
use std::time::Duration;

use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;
use tokio::time::Instant;

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
        Self {
            connection,
            #[cfg(feature = "tls")]
            tls: None,
        }
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
    let timeout = config.connection.handshake_timeout;
    let deadline = timeout.map(|timeout| Instant::now() + timeout);
    let (stream, peer) = before(deadline, open(address))
        .await
        .ok_or_else(|| ConnectError::Timeout { address: address.clone(), timeout: timeout.unwrap_or_default() })?
        .map_err(|error| ConnectError::Io { address: address.clone(), error })?;
    #[cfg(feature = "tls")]
    let stream = match &config.tls {
        Some(tls) => {
            let failed = |reason| ConnectError::Tls { address: address.clone(), reason };
            before(deadline, tls.handshake(stream, address))
                .await
                .ok_or_else(|| failed("no answer in time, as from a server without TLS".into()))?
                .map_err(|error| failed(handshake_reason(&error)))?
        }
        None => stream,
    };
    let connection = Connection::new(config.connection, Instant::now().into_std());
    Ok(Receiver::new(stream, peer, connection))
}

/// What comes out in time.
async fn before<T>(deadline: Option<Instant>, future: impl Future<Output = T>) -> Option<T> {
    match deadline {
        Some(deadline) => tokio::time::timeout_at(deadline, future).await.ok(),
        None => Some(future.await),
    }
}

async fn open(address: &Address) -> io::Result<(Box<dyn Stream>, Peer)> {
    match address {
        Address::Tcp { host, port } => {
            let addresses = Address::resolve(host, *port).await?;
            let stream = TcpStream::connect(&*addresses).await?;
            stream.set_nodelay(true)?;
            let peer = Peer::of_tcp(&stream, stream.peer_addr()?)?;
            Ok((Box::new(stream), peer))
        }
        #[cfg(unix)]
        Address::Unix(path) => Ok((Box::new(UnixStream::connect(path).await?), Peer::of_unix(path))),
        #[cfg(not(unix))]
        Address::Unix(_) => Err(io::Error::new(io::ErrorKind::Unsupported, "no Unix sockets here")),
    }
}
