use std::io;
use std::path::PathBuf;

/// Why there can be no TLS with what was given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What failed.
        error: io::Error,
    },
    /// A file is not what it should be.
    #[error("{}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: String,
    },
    /// A certificate is not of the key.
    #[error("the key in {} does not fit the certificate in {}", key.display(), chain.display())]
    Mismatch {
        /// The file of the certificate.
        chain: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
    /// There is nothing that servers could be verified with.
    #[error("a file of trusted certificate authorities is needed to verify servers")]
    NothingTrusted,
    /// This is neither the name of a host nor an IP address.
    #[error("{0:?} cannot be the name of a server")]
    ServerName(String),
    /// The library refuses what was given.
    #[error("{0}")]
    Unusable(String),
}
