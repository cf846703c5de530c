use std::time::Duration;

use crate::DEFAULT_MAX_LEN;

/// What a connection may cost, and how long its peer may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// How long nothing may be received before a ping asks whether the peer is there; `None`: never asks. 20 s.
    pub ping_delay: Option<Duration>,
    /// How long after a ping nothing may be received before the connection is closed. 20 s.
    pub ping_timeout: Duration,
    /// How long a peer may take until it is [accepted](crate::Connection::accept); `None`: it is from the beginning. 5 s.
    pub handshake_timeout: Option<Duration>,
    /// The most bytes that a message may have while the peer is not accepted. 64 KiB.
    pub max_handshake_len: usize,
    /// The most bytes that a message may have once it is. 64 MiB.
    pub max_message_len: usize,
    /// So many bytes may wait to be sent before another message closes the connection. 16 MiB.
    pub max_queued: usize,
    /// How long the peer may take none of the bytes that wait for it. 10 s.
    pub write_timeout: Duration,
    /// How long a closing connection may take to send what waits, and the peer to end it too. 0.5 s.
    pub close_timeout: Duration,
}

impl Default for Config {
    /// The pings are those of `hat.drivers.chatter`; the reference has none of the limits.
    fn default() -> Self {
        Self {
            ping_delay: Some(Duration::from_secs(20)),
            ping_timeout: Duration::from_secs(20),
            handshake_timeout: Some(Duration::from_secs(5)),
            max_handshake_len: 64 << 10,
            max_message_len: DEFAULT_MAX_LEN,
            max_queued: 16 << 20,
            write_timeout: Duration::from_secs(10),
            close_timeout: Duration::from_millis(500),
        }
    }
}
