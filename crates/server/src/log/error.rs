use std::io;

/// Why a configuration of logging is not used; the one before stays.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// Python's `logging` would refuse it too.
    #[error("{place}: {reason}")]
    Conf {
        /// Where in the configuration, as `log.handlers.NAME`.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// A file or a connection of a handler cannot be opened.
    #[error("log.handlers.{handler}: cannot open {what}: {error}")]
    Open {
        /// Name of the handler.
        handler: String,
        /// The file or address.
        what: String,
        /// Why.
        error: io::Error,
    },
    /// The thread that writes could not be started.
    #[error("the thread that writes log lines cannot be started: {0}")]
    Thread(io::Error),
    /// The program has a subscriber already.
    #[error("another subscriber takes the log lines of this program")]
    Installed,
}
