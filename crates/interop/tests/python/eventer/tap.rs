//! A line between a client and a server that shows the messages on it, and can fail without being closed.

use std::net::Ipv4Addr;

use hat_event_chatter::FrameSplitter;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::task::JoinSet;

use super::peer::within;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    Client,
    Server,
}

/// A message that passed.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) from: Side,
    pub(crate) data_type: String,
    /// How many bytes its length takes.
    pub(crate) len_bytes: usize,
}

/// The line, of one connection.
#[derive(Debug)]
pub(crate) struct Tap {
    /// Where the client has to connect.
    pub(crate) address: String,
    seen: Mutex<mpsc::UnboundedReceiver<Seen>>,
    broken: watch::Sender<bool>,
    /// Ended with this.
    _lines: JoinSet<()>,
}

impl Tap {
    /// A line to a server.
    pub(crate) async fn to(server: String) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (see, seen) = mpsc::unbounded_channel();
        let broken = watch::Sender::new(false);
        let (of_client, of_server) = (broken.subscribe(), broken.subscribe());
        let mut lines = JoinSet::new();
        lines.spawn(async move {
            let (client, _) = listener.accept().await.unwrap();
            let server = TcpStream::connect(server).await.unwrap();
            let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
            tokio::join!(
                pass(Side::Client, from_client, to_server, of_client, see.clone()),
                pass(Side::Server, from_server, to_client, of_server, see),
            );
        });
        Self { address, seen: seen.into(), broken, _lines: lines }
    }

    /// From now on nothing arrives, but no side is told.
    pub(crate) fn fail(&self) {
        self.broken.send_replace(true);
    }

    /// The next message.
    pub(crate) async fn next(&self) -> Seen {
        let seen = within("a message", async { self.seen.lock().await.recv().await }).await;
        seen.unwrap_or_else(|| panic!("the connection has ended"))
    }

    /// Waits until so many messages of a type have come from a side.
    pub(crate) async fn wait_for(&self, from: Side, data_type: &str, mut count: usize) {
        while count > 0 {
            let seen = self.next().await;
            count -= usize::from(seen.from == from && seen.data_type == data_type);
        }
    }
}

async fn pass(
    from: Side,
    mut source: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    broken: watch::Receiver<bool>,
    see: mpsc::UnboundedSender<Seen>,
) {
    let (mut splitter, mut piece) = (FrameSplitter::new(), vec![0; 1 << 16]);
    while let Ok(len @ 1..) = source.read(&mut piece).await {
        if *broken.borrow() {
            continue;
        }
        splitter.feed(&piece[..len]);
        while let Some(frame) = splitter.next_frame().unwrap() {
            let data_type = frame.decode().unwrap().data.data_type.to_string();
            // The test may have ended.
            let _ = see.send(Seen { from, data_type, len_bytes: frame.prefix_len - 1 });
        }
        if to.write_all(&piece[..len]).await.is_err() {
            return;
        }
    }
    if *broken.borrow() {
        // Not even the end arrives.
        std::future::pending::<()>().await;
    }
}
