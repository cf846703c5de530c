use hat_event_codec::DecodeError;

/// Why received bytes are no stream of messages. Offsets count from the beginning of the stream.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StreamError {
    /// A message declares more bytes than the limit.
    #[error("message at byte {message} is longer than {max_len} bytes")]
    TooLong {
        /// Where the message begins.
        message: u64,
        /// The most bytes that a message may have behind its length prefix.
        max_len: usize,
    },
    /// The stream ends inside a message.
    #[error("stream ends at byte {end}, inside the message at byte {message}")]
    Truncated {
        /// Where the message begins.
        message: u64,
        /// Where the stream ends.
        end: u64,
    },
    /// The bytes of a message are no `HatChatter.Msg`.
    #[error("message at byte {message}: {error}")]
    Decode {
        /// Where the message begins.
        message: u64,
        /// What is wrong; its offset counts from the beginning of the stream too.
        error: DecodeError,
    },
}
