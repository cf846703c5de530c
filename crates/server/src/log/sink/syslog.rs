use std::fmt;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
#[cfg(unix)]
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::time::{Duration, Instant};

use super::lost::Lost;
use crate::log::conf::{Address, SyslogConf, Transport};
use crate::log::error::LogError;
use crate::log::level;

/// All handlers wait for a connection, so that it may not take long, nor be tried often.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_secs(5);

/// A syslog daemon, which is sent what Python sends: priority, line and a zero.
#[derive(Debug)]
pub(in crate::log) struct Syslog {
    conf: SyslogConf,
    lost: Lost,
    socket: Option<Socket>,
    failed: Option<Instant>,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket, SocketAddr),
    Tcp(TcpStream),
    #[cfg(unix)]
    Datagram(UnixDatagram),
    #[cfg(unix)]
    Stream(UnixStream),
}

impl Syslog {
    /// As in Python, a Unix socket that is not there yet is no error.
    pub(super) fn open(lost: Lost, conf: &SyslogConf) -> Result<Self, LogError> {
        let socket = match (connect(conf), &conf.address) {
            (Ok(socket), _) => Some(socket),
            (Err(_), Address::Unix(_)) => None,
            (Err(error), Address::Host(..)) => return Err(lost.error(&conf.address, error)),
        };
        Ok(Self { conf: conf.clone(), lost, socket, failed: None })
    }

    pub(super) fn write(&mut self, levelno: u32, line: &str) {
        let message = format!("<{}>{line}\0", self.conf.facility << 3 | level::severity(levelno));
        match self.send(message.as_bytes()) {
            Ok(()) => {
                self.failed = None;
                self.lost.over();
            }
            Err(error) => self.lost.count(1, &error),
        }
    }

    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        if let Some(socket) = &mut self.socket {
            match socket.send(message) {
                // A datagram that is too long, or finds nobody, says nothing about the next one.
                result @ (Ok(()) | Err(_)) if result.is_ok() || matches!(socket, Socket::Udp(..)) => return result,
                _ => self.socket = None,
            }
        }
        if self.failed.is_some_and(|failed| failed.elapsed() < PAUSE) {
            return Err(io::ErrorKind::NotConnected.into());
        }
        let sent = connect(&self.conf).and_then(|mut socket| {
            socket.send(message)?;
            Ok(socket)
        });
        match sent {
            Ok(socket) => {
                self.socket = Some(socket);
                Ok(())
            }
            Err(error) => {
                self.failed = Some(Instant::now());
                Err(error)
            }
        }
    }
}

impl Socket {
    fn send(&mut self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Udp(socket, to) => socket.send_to(message, *to).map(drop),
            Self::Tcp(stream) => stream.write_all(message),
            #[cfg(unix)]
            Self::Datagram(socket) => socket.send(message).map(drop),
            #[cfg(unix)]
            Self::Stream(stream) => stream.write_all(message),
        }
    }
}

fn connect(conf: &SyslogConf) -> io::Result<Socket> {
    match (&conf.address, conf.transport) {
        (Address::Host(host, port), transport) => {
            let mut result = Err(io::ErrorKind::NotFound.into());
            for to in (host.as_str(), *port).to_socket_addrs()? {
                result = match transport {
                    Some(Transport::Stream) => tcp(&to),
                    _ => UdpSocket::bind(if to.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" })
                        .map(|socket| Socket::Udp(socket, to)),
                };
                if result.is_ok() {
                    break;
                }
            }
            result
        }
        #[cfg(unix)]
        (Address::Unix(path), Some(Transport::Datagram)) => datagram(path),
        #[cfg(unix)]
        (Address::Unix(path), Some(Transport::Stream)) => stream(path),
        #[cfg(unix)]
        (Address::Unix(path), None) => datagram(path).or_else(|_| stream(path)),
        #[cfg(not(unix))]
        (Address::Unix(_), _) => Err(io::ErrorKind::Unsupported.into()),
    }
}

fn tcp(to: &SocketAddr) -> io::Result<Socket> {
    let stream = TcpStream::connect_timeout(to, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(Socket::Tcp(stream))
}

#[cfg(unix)]
fn datagram(path: &std::path::Path) -> io::Result<Socket> {
    let socket = UnixDatagram::unbound()?;
    socket.connect(path)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(Socket::Datagram(socket))
}

#[cfg(unix)]
fn stream(path: &std::path::Path) -> io::Result<Socket> {
    let stream = UnixStream::connect(path)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(Socket::Stream(stream))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host, port) => write!(f, "{host}:{port}"),
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}
