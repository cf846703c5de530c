//! A connection to a server.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::net::SocketAddr;

use hat_event_common::{MsgInitRes, Sbs, Status};
use hat_event_interop::{Head, Heads};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::template::{self, Template};
use crate::Result;

/// So much is received at once.
const RECEIVED: usize = 256 << 10;

thread_local! {
    /// One for all connections, so that it stays in a cache.
    static RECEIVING: RefCell<Vec<u8>> = RefCell::new(vec![0; RECEIVED]);
}

pub(crate) async fn connect(address: SocketAddr) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Waits for bytes of a stream, which may turn out to be none.
pub(crate) async fn receive<T>(stream: &TcpStream, take: impl FnOnce(&[u8]) -> Result<T>) -> Result<T> {
    stream.readable().await?;
    RECEIVING.with_borrow_mut(|buffer| match stream.try_read(buffer) {
        Ok(0) => Err("the server has closed the connection".into()),
        Ok(count) => take(&buffer[..count]),
        Err(error) if error.kind() == ErrorKind::WouldBlock => take(&[]),
        Err(error) => Err(error.into()),
    })
}

/// One that speaks chatter.
pub(crate) struct Connection {
    stream: TcpStream,
    heads: Heads,
    last_id: i64,
    sending: Vec<u8>,
}

impl Connection {
    /// To an event server, as a client of this name; and whether the server is operational.
    pub(crate) async fn open(address: SocketAddr, client_name: &str, subscriptions: &[&str]) -> Result<(Self, bool)> {
        Self::open_with(address, &template::init(client_name, subscriptions)).await
    }

    /// The same, with a request of its own.
    pub(crate) async fn open_with(address: SocketAddr, init: &Template) -> Result<(Self, bool)> {
        let mut connection = Self::new(connect(address).await?);
        connection.put(init);
        connection.send().await?;
        let success = MsgInitRes::Success(Status::Operational).to_sbs_bytes();
        let mut answer = None;
        while answer.is_none() {
            connection
                .receive(|head| {
                    if head.data_type == b"HatEventer.MsgInitRes" {
                        answer = Some((head.integers::<1>() == Some([0]), head.data == success));
                    }
                })
                .await?;
        }
        match answer {
            Some((true, operational)) => Ok((connection, operational)),
            _ => Err("the server refuses the connection".into()),
        }
    }

    /// To a floor, which answers `answer` once to say that it is ready, and then as its role says.
    pub(crate) async fn open_floor(address: SocketAddr, role: u8, answer: &[u8]) -> Result<Self> {
        let mut stream = connect(address).await?;
        stream.write_u8(role).await?;
        stream.write_u32(u32::try_from(answer.len())?).await?;
        stream.write_all(answer).await?;
        let mut connection = Self::new(stream);
        let mut ready = false;
        while !ready {
            connection.receive(|_| ready = true).await?;
        }
        Ok(connection)
    }

    fn new(stream: TcpStream) -> Self {
        Self { stream, heads: Heads::default(), last_id: 0, sending: Vec::new() }
    }

    /// Puts a message that begins a conversation to what is sent next, and returns its id.
    pub(crate) fn put(&mut self, message: &Template) -> i64 {
        self.last_id += 1;
        message.put(self.last_id, self.last_id, &mut self.sending);
        self.last_id
    }

    /// Sends in one piece what was put.
    pub(crate) async fn send(&mut self) -> Result {
        self.stream.write_all(&self.sending).await?;
        self.sending.clear();
        Ok(())
    }

    /// Sends a query and waits for all of its result; returns how many events it has.
    pub(crate) async fn query(&mut self, request: &Template) -> Result<usize> {
        let id = self.put(request);
        self.send().await?;
        let mut count = None;
        while count.is_none() || !self.heads.is_between() {
            self.receive(|head| {
                if head.data_type == b"HatEventer.MsgQueryRes" && head.first == id {
                    count = head.integers().map(|[count]: [i64; 1]| count as usize);
                }
            })
            .await?;
        }
        count.ok_or_else(|| "a query has no result".into())
    }

    /// Waits for bytes and shows the heads of messages that begin with them, if any. Pings are answered.
    pub(crate) async fn receive(&mut self, mut on: impl FnMut(Head<'_>)) -> Result {
        let (heads, mut pings) = (&mut self.heads, Vec::new());
        receive(&self.stream, |piece| {
            heads.feed(
                piece,
                |head| if head.data_type == b"HatChatter.Ping" { pings.push(head.id) } else { on(head) },
            )?;
            Ok(())
        })
        .await?;
        for ping in pings {
            self.last_id += 1;
            Template::pong().put(self.last_id, ping, &mut self.sending);
            self.send().await?;
        }
        Ok(())
    }
}
