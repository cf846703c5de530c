use bytes::Bytes;

use crate::{
    DecodeError, MsgEventsAck, MsgEventsNotify, MsgGetLogConfReq, MsgGetLogConfRes, MsgInitReq, MsgInitRes,
    MsgQueryReq, MsgQueryRes, MsgRegisterReq, MsgRegisterRes, MsgSetLogConfReq, MsgSetLogConfRes, MsgStatusNotify, Sbs,
    Writer,
};

/// Why a received message is none that is known here.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MessageError {
    /// There is no message type of this name.
    #[error("unknown message type {0:?}")]
    UnknownType(String),
    /// The bytes are not a message of this type.
    #[error("{type_name}: {error}")]
    Decode {
        /// Name of the message type.
        type_name: &'static str,
        /// What is wrong with the bytes.
        error: DecodeError,
    },
}

macro_rules! messages {
    ($($(#[$doc:meta])* $variant:ident($message:ident) = $name:literal),* $(,)?) => {
        /// Any message of the eventer and the adminer protocol.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Message {
            $($(#[$doc])* $variant($message)),*
        }

        impl Message {
            /// The names of all message types, with their modules.
            pub const TYPE_NAMES: &[&str] = &[$($name),*];

            /// The name of the message's type, with its module.
            pub fn type_name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name),*
                }
            }

            /// Puts the message.
            pub fn encode(&self, writer: &mut Writer) {
                match self {
                    $(Self::$variant(message) => message.encode(writer)),*
                }
            }

            /// The message that all of the bytes are, given the name of its type.
            ///
            /// # Errors
            ///
            /// [`MessageError`] if no message type has this name, or the bytes are not of that type.
            pub fn decode(type_name: &str, data: Bytes) -> Result<Self, MessageError> {
                match type_name {
                    $($name => Sbs::from_sbs_bytes(data)
                        .map(Self::$variant)
                        .map_err(|error| MessageError::Decode { type_name: $name, error }),)*
                    _ => Err(MessageError::UnknownType(type_name.to_owned())),
                }
            }
        }

        $(impl From<$message> for Message {
            fn from(message: $message) -> Self {
                Self::$variant(message)
            }
        })*
    };
}

messages! {
    /// A client introduces itself.
    InitReq(MsgInitReq) = "HatEventer.MsgInitReq",
    /// It is accepted or refused.
    InitRes(MsgInitRes) = "HatEventer.MsgInitRes",
    /// The server has a new status.
    StatusNotify(MsgStatusNotify) = "HatEventer.MsgStatusNotify",
    /// There are new events.
    EventsNotify(MsgEventsNotify) = "HatEventer.MsgEventsNotify",
    /// New events were handled.
    EventsAck(MsgEventsAck) = "HatEventer.MsgEventsAck",
    /// A client registers events.
    RegisterReq(MsgRegisterReq) = "HatEventer.MsgRegisterReq",
    /// They are registered or not.
    RegisterRes(MsgRegisterRes) = "HatEventer.MsgRegisterRes",
    /// A client asks for events.
    QueryReq(MsgQueryReq) = "HatEventer.MsgQueryReq",
    /// They were found.
    QueryRes(MsgQueryRes) = "HatEventer.MsgQueryRes",
    /// A client asks for the logging configuration.
    GetLogConfReq(MsgGetLogConfReq) = "HatEventAdminer.MsgGetLogConfReq",
    /// This is it.
    GetLogConfRes(MsgGetLogConfRes) = "HatEventAdminer.MsgGetLogConfRes",
    /// A client sets the logging configuration.
    SetLogConfReq(MsgSetLogConfReq) = "HatEventAdminer.MsgSetLogConfReq",
    /// It is set or not.
    SetLogConfRes(MsgSetLogConfRes) = "HatEventAdminer.MsgSetLogConfRes",
}
