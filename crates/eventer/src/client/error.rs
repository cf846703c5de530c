use std::time::Duration;

use hat_event_chatter::CloseReason;

/// Why a client is not connected.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// There is no connection.
    #[error(transparent)]
    Connect(#[from] hat_event_chatter::ConnectError),
    /// The server refused the client; its reason.
    #[error("refused by the server: {0}")]
    Refused(String),
    /// The connection ended before the server answered.
    #[error("connection ended before the server answered: {0}")]
    Closed(CloseReason),
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The connection ended before there was an answer. Whether the request was handled is not known.
    #[error("connection ended: {0}")]
    Closed(CloseReason),
    /// There was no answer in time. Whether the request is handled is not known.
    #[error("no answer within {0:?}")]
    TimedOut(Duration),
    /// The server did not register the events.
    #[error("server did not register the events")]
    Failure,
    /// The answer contradicts itself.
    #[error("invalid answer: {0}")]
    Invalid(&'static str),
}
