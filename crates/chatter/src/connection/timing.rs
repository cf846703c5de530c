use std::time::Instant;

use crate::{CloseReason, Config};

/// What a connection waits for, and until when.
#[derive(Debug)]
pub(super) struct Timing {
    ping: Ping,
    /// Until when the peer has to be accepted.
    handshake: Option<Instant>,
    /// Until when the peer has to take some of what waits for it.
    write: Option<Instant>,
    /// Until when a closing connection may take.
    close: Option<Instant>,
}

#[derive(Clone, Copy, Debug)]
enum Ping {
    Off,
    /// When to ask whether the peer is there.
    Ask(Instant),
    /// Until when something has to be received.
    Answer(Instant),
}

/// What is to be done as time has passed.
#[derive(Debug, PartialEq)]
pub(super) enum Due {
    Ping,
    Close(CloseReason),
    /// Closing has taken long enough.
    EndClosing,
}

impl Timing {
    pub(super) fn new(config: &Config, now: Instant) -> Self {
        let mut timing = Self {
            ping: Ping::Off,
            handshake: config.handshake_timeout.map(|timeout| now + timeout),
            write: None,
            close: None,
        };
        timing.received(config, now);
        timing
    }

    pub(super) fn accepted(&mut self) {
        self.handshake = None;
    }

    /// Something was received, so the peer is there.
    pub(super) fn received(&mut self, config: &Config, now: Instant) {
        self.ping = config.ping_delay.map_or(Ping::Off, |delay| Ping::Ask(now + delay));
    }

    /// Bytes wait to be sent; the peer has as long as it is allowed from now on.
    pub(super) fn write_waits(&mut self, config: &Config, now: Instant) {
        self.write = Some(now + config.write_timeout);
    }

    pub(super) fn all_written(&mut self) {
        self.write = None;
    }

    /// Closing was requested: nothing else matters any more.
    pub(super) fn closing(&mut self, config: &Config, now: Instant) {
        *self = Self { ping: Ping::Off, handshake: None, write: None, close: Some(now + config.close_timeout) };
    }

    /// Nothing will be due any more.
    pub(super) fn closed(&mut self) {
        *self = Self { ping: Ping::Off, handshake: None, write: None, close: None };
    }

    /// When something is due if nothing happens before.
    pub(super) fn next(&self) -> Option<Instant> {
        let ping = match self.ping {
            Ping::Off => None,
            Ping::Ask(at) | Ping::Answer(at) => Some(at),
        };
        [ping, self.handshake, self.write, self.close].into_iter().flatten().min()
    }

    /// What is due now; asks again after a ping.
    pub(super) fn due(&mut self, config: &Config, now: Instant) -> Option<Due> {
        let over = |at: Option<Instant>| at.is_some_and(|at| at <= now);
        if over(self.close) {
            return Some(Due::EndClosing);
        }
        if over(self.handshake) {
            return Some(Due::Close(CloseReason::HandshakeTimeout(config.handshake_timeout.unwrap_or_default())));
        }
        if over(self.write) {
            return Some(Due::Close(CloseReason::WriteTimeout(config.write_timeout)));
        }
        match self.ping {
            Ping::Ask(at) if at <= now => {
                self.ping = Ping::Answer(now + config.ping_timeout);
                Some(Due::Ping)
            }
            Ping::Answer(at) if at <= now => Some(Due::Close(CloseReason::PingTimeout(config.ping_timeout))),
            _ => None,
        }
    }
}
