use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hat_event_chatter::{ClientTls, ClientTlsOptions};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::net::{TcpSocket, TcpStream, UdpSocket, lookup_host};
use tokio::time::timeout;

use crate::log::conf::{CommType, HatSyslogConf};

/// So long an address, and then TLS, has to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Makes connections with a syslog server.
pub(super) struct Connector {
    pub(super) conf: HatSyslogConf,
    tls: Option<ClientTls>,
}

impl Connector {
    pub(super) fn new(conf: &HatSyslogConf) -> io::Result<Self> {
        let tls = match conf.comm_type {
            CommType::Udp | CommType::Tcp => None,
            // Python's handler takes any certificate, and has no option that says which to take.
            CommType::Tls => {
                let options = ClientTlsOptions { verify: false, ..ClientTlsOptions::default() };
                Some(ClientTls::new(&options).map_err(io::Error::other)?)
            }
        };
        Ok(Self { conf: conf.clone(), tls })
    }

    pub(super) async fn connect(&self) -> io::Result<Connection> {
        let HatSyslogConf { host, port, comm_type, .. } = &self.conf;
        let mut addresses: Vec<_> = lookup_host((host.as_str(), *port)).await?.collect();
        if *comm_type == CommType::Udp {
            // Only these are used by Python.
            addresses.sort_by_key(|address| !address.is_ipv4());
        }
        let mut result = Err(io::ErrorKind::NotFound.into());
        for address in addresses {
            result = match comm_type {
                CommType::Udp => datagrams(address).await,
                CommType::Tcp | CommType::Tls => self.stream(address).await,
            };
            if result.is_ok() {
                break;
            }
        }
        result
    }

    async fn stream(&self, address: SocketAddr) -> io::Result<Connection> {
        let stream = timeout(PATIENCE, tcp(address)).await??;
        match &self.tls {
            None => Ok(Connection::stream(stream)),
            Some(tls) => Ok(Connection::stream(timeout(PATIENCE, tls.wrap(stream, &self.conf.host)).await??)),
        }
    }
}

/// A way to a syslog server.
pub(super) enum Connection {
    Datagrams(UdpSocket),
    Stream { reader: Box<dyn AsyncRead + Unpin>, writer: Box<dyn AsyncWrite + Unpin> },
}

impl Connection {
    fn stream(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Self {
        let (reader, writer) = split(stream);
        Self::Stream { reader: Box::new(reader), writer: Box::new(writer) }
    }

    /// Sends a message; on a stream, behind its length.
    pub(super) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Datagrams(socket) => match socket.send(message).await {
                // This is what became of an earlier one.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => socket.send(message).await.map(drop),
                result => result.map(drop),
            },
            Self::Stream { writer, .. } => {
                let mut frame = format!("{} ", message.len()).into_bytes();
                frame.extend_from_slice(message);
                writer.write_all(&frame).await?;
                writer.flush().await
            }
        }
    }

    /// Waits until the other side has closed it. What it says is not listened to.
    pub(super) async fn closed(&mut self) -> io::Error {
        match self {
            Self::Datagrams(_) => std::future::pending().await,
            Self::Stream { reader, .. } => loop {
                match reader.read(&mut [0; 256]).await {
                    Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
                    Ok(_) => {}
                    Err(error) => return error,
                }
            },
        }
    }

    /// Ends it after what was sent.
    pub(super) async fn close(&mut self) {
        if let Self::Stream { writer, .. } = self {
            // All was sent; whether the end arrives too does not matter.
            let _ = writer.shutdown().await;
        }
    }
}

async fn datagrams(address: SocketAddr) -> io::Result<Connection> {
    let socket = UdpSocket::bind(if address.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" }).await?;
    socket.connect(address).await?;
    Ok(Connection::Datagrams(socket))
}

async fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A server that is gone without a word is noticed at some time.
    socket.set_keepalive(true)?;
    socket.connect(address).await
}

impl fmt::Display for HatSyslogConf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}
