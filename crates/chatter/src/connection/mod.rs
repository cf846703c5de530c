mod output;
mod timing;

use std::time::Instant;

use bytes::{Bytes, BytesMut};

use crate::{CloseReason, ClosedError, Config, Conversation, FrameSplitter, Outgoing, Received};
use output::Output;
use timing::{Due, Timing};

const PING: &str = "HatChatter.Ping";
const PONG: &str = "HatChatter.Pong";

/// One side of a connection, without its socket and its clock.
///
/// Whoever has these passes on what happens (`handle_…`) and does what it says (`poll_…`). After anything was passed on
/// or sent: take messages ([`Self::poll_message`]) until there is none, write bytes ([`Self::poll_output`]) until there are
/// none, see whether it is [closed](Self::close_reason), and call [`Self::handle_timeout`] at [`Self::poll_timeout`].
///
/// A connection is open, then closing, then closed. It closes by itself when the peer breaks a rule or a limit of its
/// [`Config`]. Pings of the peer are answered here, and its messages tell that it is there, as do single bytes: a long
/// message on a slow line is a sign of life, other than in `hat.drivers.chatter`.
///
/// ```
/// use std::time::Instant;
///
/// use hat_event_chatter::{Config, Connection, Outgoing};
///
/// let now = Instant::now();
/// let (mut a, mut b) = (Connection::new(Config::default(), now), Connection::new(Config::default(), now));
/// let conversation = a.send(now, &Outgoing::first("House.Open", &[], true))?;
/// while let Some(bytes) = a.poll_output() {
///     b.handle_bytes(now, &bytes);
///     a.handle_written(now, bytes.len());
/// }
/// let message = b.poll_message(now).unwrap();
/// assert_eq!(message.data.data_type, "House.Open");
/// assert_eq!(message.conversation.first, conversation.first);
/// # Ok::<(), hat_event_chatter::ClosedError>(())
/// ```
#[derive(Debug)]
pub struct Connection {
    config: Config,
    splitter: FrameSplitter,
    output: Output,
    timing: Timing,
    last_id: i64,
    /// The peer will send nothing more.
    ended: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Open,
    /// What waits is sent; nothing is received and nothing new is sent. Why.
    Closing(CloseReason),
    Closed(CloseReason),
}

impl Connection {
    /// A connection that was just made.
    pub fn new(config: Config, now: Instant) -> Self {
        let max_len = match config.handshake_timeout {
            Some(_) => config.max_handshake_len,
            None => config.max_message_len,
        };
        Self {
            splitter: FrameSplitter::with_max_len(max_len),
            output: Output::default(),
            timing: Timing::new(&config, now),
            last_id: 0,
            ended: false,
            state: State::Open,
            config,
        }
    }

    /// Accepts the peer: it has no time limit any more, and may send messages of full length.
    pub fn accept(&mut self) {
        self.splitter.set_max_len(self.config.max_message_len);
        self.timing.accepted();
    }

    /// Takes the buffer to read into: new bytes go behind what is in it. [`Self::handle_input`] gives it back.
    pub fn take_input(&mut self) -> BytesMut {
        self.splitter.take_buffer()
    }

    /// Gives back the buffer of [`Self::take_input`] as it was.
    pub fn return_input(&mut self, input: BytesMut) {
        if self.is_open() {
            self.splitter.set_buffer(input);
        }
    }

    /// Bytes were received: gives back the buffer of [`Self::take_input`], with them at its end.
    pub fn handle_input(&mut self, now: Instant, input: BytesMut) {
        self.return_input(input);
        self.handle_presence(now);
    }

    /// Bytes were received, and are copied.
    pub fn handle_bytes(&mut self, now: Instant, bytes: &[u8]) {
        if self.is_open() {
            self.splitter.feed(bytes);
            self.handle_presence(now);
        }
    }

    /// The peer cannot be blamed for silence: there may be bytes of it that nobody has read.
    pub fn handle_presence(&mut self, now: Instant) {
        if self.is_open() {
            self.timing.received(&self.config, now);
        }
    }

    /// The peer will send nothing more. What it sent before can still be taken, and answers to it are sent.
    pub fn handle_end(&mut self) {
        self.ended = true;
        self.finish_closing();
    }

    /// So many of the bytes of [`Self::poll_output`] were written.
    pub fn handle_written(&mut self, now: Instant, len: usize) {
        self.output.written(len);
        if !self.is_open() {
            self.finish_closing();
        } else if self.output.queued() == 0 {
            self.timing.all_written();
        } else {
            self.timing.write_waits(&self.config, now);
        }
    }

    /// Time has passed.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(due) = self.timing.due(&self.config, now) {
            match due {
                Due::Ping => {
                    // If it cannot be sent, the connection is closed, and nothing more is due.
                    let _ = self.send(now, &Outgoing::first(PING, &[], true));
                }
                Due::Close(reason) => return self.finish(reason),
                Due::EndClosing => return self.end_closing(),
            }
        }
    }

    /// The message that is next. Answers pings on the way.
    pub fn poll_message(&mut self, now: Instant) -> Option<Received> {
        while self.is_open() {
            let frame = match self.splitter.next_frame() {
                Ok(Some(frame)) => frame,
                Ok(None) => {
                    if self.ended {
                        let end = self.splitter.finish().map_or_else(CloseReason::from, |()| CloseReason::Peer);
                        self.begin_closing(now, end);
                    }
                    return None;
                }
                Err(error) => {
                    self.begin_closing(now, error.into());
                    return None;
                }
            };
            match frame.decode().map(Received::from) {
                Ok(message) if message.data.data_type == PING => {
                    let _ = self.send(now, &Outgoing::answer(message.conversation, PONG, &[]));
                }
                Ok(message) if message.data.data_type == PONG => {}
                Ok(message) => return Some(message),
                Err(error) => self.begin_closing(now, error.into()),
            }
        }
        None
    }

    /// Bytes to be written, in order: those that are next. [`Self::handle_written`] tells when they are.
    pub fn poll_output(&mut self) -> Option<Bytes> {
        self.output.take()
    }

    /// When [`Self::handle_timeout`] has to be called if nothing happens before.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timing.next()
    }

    /// Sends a message, and returns the conversation that it belongs to.
    ///
    /// If too many bytes wait already, the peer is cut off.
    ///
    /// # Errors
    ///
    /// [`ClosedError`] if the connection is not open, or not any more.
    pub fn send(&mut self, now: Instant, message: &Outgoing) -> Result<Conversation, ClosedError> {
        if !self.is_open() {
            return Err(ClosedError);
        }
        let queued = self.output.queued();
        if queued > self.config.max_queued {
            self.finish(CloseReason::Queue(queued));
            return Err(ClosedError);
        }
        self.last_id += 1;
        let conversation = message.conversation.unwrap_or(Conversation { owner: true, first: self.last_id });
        self.output.put(self.last_id, conversation.first, conversation.owner, message);
        if queued == 0 {
            self.timing.write_waits(&self.config, now);
        }
        Ok(conversation)
    }

    /// Closes it after what waits was sent, in [`Config::close_timeout`].
    pub fn close(&mut self, now: Instant) {
        if self.is_open() {
            self.begin_closing(now, CloseReason::Requested);
        }
    }

    /// Closes it for a reason of those who use the connection, after what waits was sent, as [`Self::close`] does.
    pub fn fail(&mut self, now: Instant, reason: CloseReason) {
        if self.is_open() {
            self.begin_closing(now, reason);
        }
    }

    /// The transport failed, or is gone: closed at once.
    pub fn handle_failure(&mut self, error: String) {
        if self.is_open() {
            self.finish(CloseReason::Transport(error));
        }
        self.end_closing();
    }

    /// Whether messages are received and can be sent.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open)
    }

    /// Why it ended, if it is closed. What waited is lost then, unless this side [closed](Self::close) it in time.
    pub fn close_reason(&self) -> Option<&CloseReason> {
        match &self.state {
            State::Closed(reason) => Some(reason),
            _ => None,
        }
    }

    /// Whether nothing more will be sent, so that the peer is to be told that this was the end.
    pub fn is_output_ended(&self) -> bool {
        !self.is_open() && self.output.queued() == 0
    }

    /// Whether the peer will send nothing more.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// How many bytes wait to be sent.
    pub fn queued(&self) -> usize {
        self.output.queued()
    }

    /// How many received bytes wait to be taken as messages.
    pub fn unread(&self) -> usize {
        self.splitter.waiting()
    }

    fn begin_closing(&mut self, now: Instant, reason: CloseReason) {
        self.state = State::Closing(reason);
        self.timing.closing(&self.config, now);
        self.splitter.take_buffer();
        self.finish_closing();
    }

    /// Closed, if it is closing and both sides have nothing more to say.
    fn finish_closing(&mut self) {
        if self.ended && self.output.queued() == 0 {
            self.end_closing();
        }
    }

    fn end_closing(&mut self) {
        if let State::Closing(reason) = &self.state {
            self.finish(reason.clone());
        }
    }

    fn finish(&mut self, reason: CloseReason) {
        self.state = State::Closed(reason);
        self.timing.closed();
        self.output.clear();
        self.splitter.take_buffer();
    }
}
