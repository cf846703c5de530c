use hat_event_common::BoxError;
use rustix::io::Errno;

/// Why a transaction did not succeed.
pub(super) enum Failure {
    /// The file has no room.
    Full,
    /// It may another time.
    Now(BoxError),
    /// It never will.
    Forever(BoxError),
}

impl Failure {
    /// The reason, if it may succeed another time.
    ///
    /// # Errors
    ///
    /// The reason, if it never will.
    pub(super) fn reason(self) -> Result<String, BoxError> {
        match self {
            Self::Full => {
                Ok("the database is full: it has reached the size that is configured as limits.db_size".to_owned())
            }
            Self::Now(error) => Ok(error.to_string()),
            Self::Forever(error) => Err(error),
        }
    }
}

impl From<heed::Error> for Failure {
    fn from(error: heed::Error) -> Self {
        use heed::MdbError::{MapFull, ReadersFull, TxnFull};
        match &error {
            heed::Error::Mdb(MapFull) => Self::Full,
            // So LMDB calls it too when the disk takes only a part of what is written.
            heed::Error::Io(io) if io.raw_os_error() == Some(Errno::IO.raw_os_error()) => {
                Self::Now(format!("{error}; the disk may be full").into())
            }
            heed::Error::Mdb(ReadersFull | TxnFull) | heed::Error::Io(_) => Self::Now(error.into()),
            _ => Self::Forever(error.into()),
        }
    }
}
