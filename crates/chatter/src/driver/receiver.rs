use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::io::IoSlice;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Instant;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite};
use tokio::time::{Sleep, sleep_until};

use super::sender::Sender;
use super::stream::{Peer, Stream, failure};
use crate::{CloseReason, Config, Connection, Received};

/// Room for so many bytes is made before reading: little while little comes, more when it was filled.
const READ_LENS: std::ops::RangeInclusive<usize> = 2 << 10..=64 << 10;

/// So many bytes may wait as messages while nobody takes any.
const MAX_UNREAD: usize = 64 << 10;

/// So many parts are written at once.
const MAX_PARTS: usize = 64;

/// Receives the messages of a connection, and does all that it does: reads, writes, pings, closes.
///
/// Nothing happens on the connection except in [`Self::receive`] and [`Self::advance`], so whoever has it waits in one of
/// them as long as the connection lasts. Dropped, it ends the connection at once. Futures of both may be dropped at any
/// time; nothing is lost with them.
pub struct Receiver {
    sender: Sender,
    peer: Peer,
    stream: Box<dyn Stream>,
    /// Taken to be written.
    writing: VecDeque<Bytes>,
    /// Something was written that the stream may hold back.
    needs_flush: bool,
    /// How much room is made before reading.
    read_len: usize,
    /// The peer was told that nothing more will be sent.
    is_shut_down: bool,
    /// Wakes at what [`Connection::poll_timeout`] says, or before: most deadlines are put off all the time.
    timer: Option<Pin<Box<Sleep>>>,
}

/// What [`Receiver::advance`] waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Until {
    /// A message. Without it, the peer can send only a little more.
    pub message: bool,
    /// Fewer bytes than this wait to be sent.
    pub queued_below: Option<usize>,
}

impl Receiver {
    pub(super) fn new(stream: Box<dyn Stream>, peer: Peer, connection: Connection) -> Self {
        Self {
            sender: Sender::new(connection),
            peer,
            stream,
            writing: VecDeque::new(),
            needs_flush: false,
            read_len: *READ_LENS.start(),
            is_shut_down: false,
            timer: None,
        }
    }

    /// A connection over any stream of bytes that is open already, for example in memory.
    pub fn over(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, peer: Peer, config: Config) -> Self {
        let connection = Connection::new(config, tokio::time::Instant::now().into_std());
        Self::new(Box::new(stream), peer, connection)
    }

    /// What sends on this connection.
    pub fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Who is on the other side.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// Waits for the next message.
    ///
    /// # Errors
    ///
    /// Why the connection ended, once all messages before the end were received; each time again.
    pub async fn receive(&mut self) -> Result<Received, CloseReason> {
        loop {
            if let Some(message) = self.advance(Until { message: true, queued_below: None }).await? {
                return Ok(message);
            }
        }
    }

    /// Waits for a message, or until there is room for more bytes to be sent: then it returns `None`.
    ///
    /// # Errors
    ///
    /// As [`Self::receive`].
    pub async fn advance(&mut self, until: Until) -> Result<Option<Received>, CloseReason> {
        poll_fn(|context| self.poll(context, until)).await
    }

    /// Waits until the connection is closed, whatever is received; sends what waits before, if it is closing.
    pub async fn closed(&mut self) -> CloseReason {
        loop {
            if let Err(reason) = self.receive().await {
                return reason;
            }
        }
    }

    fn poll(&mut self, context: &mut Context<'_>, until: Until) -> Poll<Result<Option<Received>, CloseReason>> {
        let now = tokio::time::Instant::now().into_std();
        loop {
            let mut shared = self.sender.lock();
            shared.waker = None;
            shared.is_changed = false;
            let connection = &mut shared.connection;
            if until.message
                && let Some(message) = connection.poll_message(now)
            {
                return Poll::Ready(Ok(Some(message)));
            }
            if let Some(reason) = connection.close_reason() {
                return Poll::Ready(Err(reason.clone()));
            }
            if until.queued_below.is_some_and(|queued| connection.queued() < queued) {
                return Poll::Ready(Ok(None));
            }
            drop(shared);

            let wrote = self.poll_write(context, now);
            let read = self.poll_read(context, now, until);
            if wrote || read || self.poll_timer(context, now) {
                continue;
            }

            let mut shared = self.sender.lock();
            // A timer may have closed it, and others may have sent something or closed it since it was looked at.
            if shared.is_changed || shared.connection.close_reason().is_some() {
                continue;
            }
            shared.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
    }

    /// Writes what waits; whether any of it was written, or cannot be.
    fn poll_write(&mut self, context: &mut Context<'_>, now: Instant) -> bool {
        let mut wrote = false;
        loop {
            let mut shared = self.sender.lock();
            while self.writing.len() < MAX_PARTS
                && let Some(chunk) = shared.connection.poll_output()
            {
                self.writing.push_back(chunk);
            }
            let is_ended = shared.connection.is_output_ended();
            drop(shared);
            if self.writing.is_empty() {
                // An idle connection keeps no memory for what it sent.
                if wrote {
                    self.writing = VecDeque::new();
                }
                self.poll_flush(context, is_ended);
                return wrote;
            }

            let mut parts = [IoSlice::new(&[]); MAX_PARTS];
            for (part, chunk) in parts.iter_mut().zip(&self.writing) {
                *part = IoSlice::new(chunk);
            }
            let parts = parts.get(..self.writing.len()).unwrap_or(&parts);
            match Pin::new(&mut *self.stream).poll_write_vectored(context, parts) {
                Poll::Pending => return wrote,
                Poll::Ready(Ok(0)) => return self.fail("connection takes no more bytes".into()),
                Poll::Ready(Ok(len)) => {
                    drop_front(&mut self.writing, len);
                    self.needs_flush = true;
                    self.sender.lock().connection.handle_written(now, len);
                }
                Poll::Ready(Err(error)) => return self.fail(failure(&error)),
            }
            wrote = true;
        }
    }

    /// All was given to the stream: has it sent, and the peer told of the end if this was the end.
    fn poll_flush(&mut self, context: &mut Context<'_>, is_ended: bool) {
        let stream = Pin::new(&mut *self.stream);
        // Errors show in what follows: the peer sends nothing more, or nothing more can be written.
        if self.needs_flush && stream.poll_flush(context).is_ready() {
            self.needs_flush = false;
        }
        if is_ended && !self.is_shut_down && Pin::new(&mut *self.stream).poll_shutdown(context).is_ready() {
            self.is_shut_down = true;
        }
    }

    /// Reads what there is, once; whether anything was read.
    fn poll_read(&mut self, context: &mut Context<'_>, now: Instant, until: Until) -> bool {
        let mut shared = self.sender.lock();
        let connection = &mut shared.connection;
        if !until.message && connection.unread() >= MAX_UNREAD && connection.is_open() {
            connection.handle_presence(now);
            return false;
        }
        if connection.has_ended() {
            return false;
        }
        let mut input = connection.take_input();
        drop(shared);

        input.reserve(self.read_len);
        let room = input.capacity() - input.len();
        let read = pin!(self.stream.read_buf(&mut input)).poll(context);
        let mut shared = self.sender.lock();
        let connection = &mut shared.connection;
        match read {
            Poll::Pending => {
                // An idle connection keeps no memory for what it may receive.
                if !input.is_empty() {
                    connection.return_input(input);
                }
                return false;
            }
            Poll::Ready(Ok(0)) => {
                connection.return_input(input);
                connection.handle_end();
            }
            Poll::Ready(Ok(len)) => {
                connection.handle_input(now, input);
                let wanted = if len == room {
                    self.read_len * 2
                } else if len < room / 4 {
                    self.read_len / 2
                } else {
                    self.read_len
                };
                self.read_len = wanted.clamp(*READ_LENS.start(), *READ_LENS.end());
            }
            Poll::Ready(Err(error)) => connection.handle_failure(failure(&error)),
        }
        true
    }

    /// Does what is due; whether anything was.
    fn poll_timer(&mut self, context: &mut Context<'_>, now: Instant) -> bool {
        let mut shared = self.sender.lock();
        let Some(deadline) = shared.connection.poll_timeout() else { return false };
        if deadline <= now {
            shared.connection.handle_timeout(now);
            return true;
        }
        drop(shared);
        let deadline = deadline.into();
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if timer.deadline() == deadline {
                // Time went on while this was polled.
                context.waker().wake_by_ref();
                break;
            }
            timer.as_mut().reset(deadline);
        }
        false
    }

    /// What failed is not tried again: nothing waits to be written any more.
    fn fail(&mut self, error: String) -> bool {
        self.writing = VecDeque::new();
        self.sender.lock().connection.handle_failure(error);
        true
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Whoever still sends is told.
        self.sender.lock().connection.handle_failure("connection is not driven any more".to_owned());
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("peer", &self.peer).finish_non_exhaustive()
    }
}

/// Drops the first `len` bytes.
fn drop_front(chunks: &mut VecDeque<Bytes>, mut len: usize) {
    while let Some(chunk) = chunks.front_mut() {
        if chunk.len() > len {
            return chunk.advance(len);
        }
        len -= chunk.len();
        chunks.pop_front();
    }
}
