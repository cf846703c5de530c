use std::io;
#[cfg(unix)]
use std::os::unix::fs::FileTypeExt;
#[cfg(unix)]
use std::path::{Path, PathBuf};

use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;

use super::address::Address;
use super::stream::{Peer, Stream};

/// A socket that is listened on.
#[derive(Debug)]
pub(super) enum Socket {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener, PathBuf),
}

impl Socket {
    /// All sockets of an address.
    pub(super) async fn bind(address: &Address) -> io::Result<Vec<Self>> {
        let bound = match address {
            Address::Tcp { host, port } => bind_tcp(host, *port).await,
            #[cfg(unix)]
            Address::Unix(path) => bind_unix(path).map(|socket| vec![socket]),
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::Error::new(io::ErrorKind::Unsupported, "no Unix sockets here")),
        };
        bound.map_err(|error| io::Error::new(error.kind(), format!("cannot listen on {address}: {error}")))
    }

    /// Where it listens.
    pub(super) fn address(&self) -> io::Result<Address> {
        match self {
            Self::Tcp(listener) => Ok(listener.local_addr()?.into()),
            #[cfg(unix)]
            Self::Unix(_, path) => Ok(Address::Unix(path.clone())),
        }
    }

    /// Waits for the next connection.
    pub(super) async fn accept(&mut self) -> io::Result<(Box<dyn Stream>, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (stream, remote) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let peer = Peer::of_tcp(&stream, remote)?;
                Ok((Box::new(stream), peer))
            }
            #[cfg(unix)]
            Self::Unix(listener, path) => {
                let (stream, _) = listener.accept().await?;
                Ok((Box::new(stream), Peer::of_unix(path)))
            }
        }
    }
}

#[cfg(unix)]
impl Drop for Socket {
    fn drop(&mut self) {
        if let Self::Unix(_, path) = self {
            // Who comes later makes it anew, and is told if it is still there.
            let _ = std::fs::remove_file(path);
        }
    }
}

async fn bind_tcp(host: &str, port: u16) -> io::Result<Vec<Socket>> {
    let mut sockets = Vec::new();
    for address in Address::resolve(host, port).await? {
        sockets.push(Socket::Tcp(TcpListener::bind(address).await?));
    }
    Ok(sockets)
}

/// A socket file that nobody listens on any more, as its server was killed, is taken away first.
#[cfg(unix)]
fn bind_unix(path: &Path) -> io::Result<Socket> {
    let is_socket = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.file_type().is_socket());
    if is_socket
        && std::os::unix::net::UnixStream::connect(path)
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    {
        std::fs::remove_file(path)?;
    }
    Ok(Socket::Unix(UnixListener::bind(path)?, path.to_owned()))
}
