//! The messages of the adminer protocol: module `HatEventAdminer`.

use bytestring::ByteString;

use crate::sbs::none;
use crate::{DecodeError, Reader, Sbs, Writer};

/// The client asks for the logging configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MsgGetLogConfReq;

none!(MsgGetLogConfReq);

/// The server's answer to [`MsgGetLogConfReq`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MsgGetLogConfRes {
    /// The configuration as JSON text.
    Success(ByteString),
    /// Why there is none.
    Error(ByteString),
}

impl Sbs for MsgGetLogConfRes {
    const MIN_LEN: usize = 2;

    fn encode(&self, writer: &mut Writer) {
        let (index, text) = match self {
            Self::Success(conf) => (0, conf),
            Self::Error(error) => (1, error),
        };
        writer.length(index);
        writer.string(text);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(2)? {
            0 => reader.string().map(Self::Success).map_err(|error| error.in_field("success")),
            _ => reader.string().map(Self::Error).map_err(|error| error.in_field("error")),
        }
    }
}

/// The client sets the logging configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgSetLogConfReq {
    /// The configuration as JSON text.
    pub conf: ByteString,
}

impl Sbs for MsgSetLogConfReq {
    const MIN_LEN: usize = 1;

    fn encode(&self, writer: &mut Writer) {
        writer.string(&self.conf);
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        Ok(Self { conf: reader.string()? })
    }
}

/// The server's answer to [`MsgSetLogConfReq`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MsgSetLogConfRes {
    /// The configuration is set.
    Success,
    /// Why it is not.
    Error(ByteString),
}

impl Sbs for MsgSetLogConfRes {
    const MIN_LEN: usize = 1;

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Success => writer.length(0),
            Self::Error(error) => {
                writer.length(1);
                writer.string(error);
            }
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(2)? {
            0 => Ok(Self::Success),
            _ => reader.string().map(Self::Error).map_err(|error| error.in_field("error")),
        }
    }
}
