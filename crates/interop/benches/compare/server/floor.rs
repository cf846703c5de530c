//! What a server cannot do without: a socket for each connection, a task for each socket, and the bytes.
//!
//! The first bytes of a connection tell its role, the length of its answer and the answer, which is sent back at once. Then
//! each message that comes is counted and not looked at, and the answer is sent: by `ECHO` to where the message came from, by
//! `PUBLISH` to all connections that `SUBSCRIBE`.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Write};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hat_event_interop::Heads;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::Result;

pub(crate) const ECHO: u8 = b'e';
pub(crate) const PUBLISH: u8 = b'p';
pub(crate) const SUBSCRIBE: u8 = b's';

/// So many messages go to a subscriber in one piece, if so many wait.
const TOGETHER: usize = 8;

type Subscribers = Arc<Mutex<Vec<UnboundedSender<Bytes>>>>;

thread_local! {
    static RECEIVING: RefCell<Vec<u8>> = RefCell::new(vec![0; 64 << 10]);
}

/// Serves until the process is ended.
pub(crate) fn run() -> Result {
    Runtime::new()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("listening on {}", listener.local_addr()?);
        io::stdout().flush()?;
        let subscribers = Subscribers::default();
        loop {
            let (stream, _) = listener.accept().await?;
            let subscribers = Arc::clone(&subscribers);
            // A connection ends in an error when the other side closes it.
            tokio::spawn(async move { serve(stream, subscribers).await.ok() });
        }
    })
}

async fn serve(mut stream: TcpStream, subscribers: Subscribers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let role = stream.read_u8().await?;
    let mut answer = vec![0; stream.read_u32().await? as usize];
    stream.read_exact(&mut answer).await?;
    if role == SUBSCRIBE {
        let (sender, receiver) = unbounded_channel();
        subscribers.lock().map_err(|_| ErrorKind::Other)?.push(sender);
        stream.write_all(&answer).await?;
        return deliver(stream, receiver).await;
    }
    stream.write_all(&answer).await?;
    let (mut heads, answer) = (Heads::default(), Bytes::from(answer));
    let mut answers = Vec::new();
    loop {
        stream.readable().await?;
        let count = RECEIVING.with_borrow_mut(|buffer| count(&stream, buffer, &mut heads))?;
        if role == ECHO {
            (0..count).for_each(|_| answers.extend_from_slice(&answer));
            stream.write_all(&answers).await?;
            answers.clear();
        } else {
            for subscriber in subscribers.lock().map_err(|_| ErrorKind::Other)?.iter() {
                // One that has gone is no concern of the others.
                (0..count).for_each(|_| drop(subscriber.send(answer.clone())));
            }
        }
    }
}

/// How many messages begin with what was received.
fn count(stream: &TcpStream, buffer: &mut [u8], heads: &mut Heads) -> io::Result<usize> {
    let received = match stream.try_read(buffer) {
        Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
        received => received?,
    };
    let mut count = 0;
    heads.feed(&buffer[..received], |_| count += 1).map_err(io::Error::other)?;
    Ok(count)
}

async fn deliver(mut stream: TcpStream, mut messages: UnboundedReceiver<Bytes>) -> io::Result<()> {
    let mut waiting = Vec::new();
    while messages.recv_many(&mut waiting, TOGETHER).await > 0 {
        match &waiting[..] {
            [one] => stream.write_all(one).await?,
            more => stream.write_all(&more.concat()).await?,
        }
        waiting.clear();
    }
    Ok(())
}
