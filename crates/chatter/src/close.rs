use std::time::Duration;

use crate::StreamError;

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// This side closed it.
    #[error("closed by this side")]
    Requested,
    /// The peer closed it, between two messages.
    #[error("closed by the peer")]
    Peer,
    /// What the peer sent is no stream of messages.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// What the peer sent makes no sense to those who use the connection.
    #[error("{0}")]
    Protocol(String),
    /// The peer was not accepted in time.
    #[error("not introduced within {0:?}")]
    HandshakeTimeout(Duration),
    /// Nothing was received for too long, not even an answer to a ping.
    #[error("no answer to a ping within {0:?}")]
    PingTimeout(Duration),
    /// The peer reads more slowly than there is to send.
    #[error("peer does not read: {0} bytes wait to be sent")]
    Queue(usize),
    /// The peer reads nothing.
    #[error("peer has not read for {0:?}")]
    WriteTimeout(Duration),
    /// The transport failed.
    #[error("{0}")]
    Transport(String),
}

impl CloseReason {
    /// Whether the peer was cut off because it did not read.
    pub fn is_slow_peer(&self) -> bool {
        matches!(self, Self::Queue(_) | Self::WriteTimeout(_))
    }

    /// Whether it ended as connections do: one side closed it between two messages.
    pub fn is_orderly(&self) -> bool {
        matches!(self, Self::Requested | Self::Peer)
    }
}

/// The connection is closed or closing, and takes no more messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("connection is closed")]
pub struct ClosedError;
