//! The messages of the eventer protocol: module `HatEventer`.

use bytestring::ByteString;
use hat_event_types::{Event, EventType, QueryParams, QueryResult, RegisterEvent, ServerId, Status};

use crate::sbs::{none, record};
use crate::{DecodeError, Reader, Sbs, Writer};

/// The first message of a client: who it is, and which events it wants to be notified of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgInitReq {
    /// Name of the client.
    pub client_name: ByteString,
    /// What proves that the client may connect.
    pub client_token: Option<ByteString>,
    /// Query types of the wanted events; none if there are none.
    pub subscriptions: Vec<EventType>,
    /// Only events that this server registered.
    pub server_id: Option<ServerId>,
    /// Only events that are persisted, once they are.
    pub persisted: bool,
}

record!(MsgInitReq {
    client_name: ByteString = "clientName",
    client_token: Option<ByteString> = "clientToken",
    subscriptions: Vec<EventType> = "subscriptions",
    server_id: Option<ServerId> = "serverId",
    persisted: bool = "persisted",
});

/// The server's answer to [`MsgInitReq`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MsgInitRes {
    /// The client is accepted; the server's status.
    Success(Status),
    /// The client is refused; the reason.
    Error(ByteString),
}

impl Sbs for MsgInitRes {
    const MIN_LEN: usize = 2;

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Success(status) => {
                writer.length(0);
                status.encode(writer);
            }
            Self::Error(error) => {
                writer.length(1);
                error.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(2)? {
            0 => Sbs::decode(reader).map(Self::Success).map_err(|error| error.in_field("success")),
            _ => Sbs::decode(reader).map(Self::Error).map_err(|error| error.in_field("error")),
        }
    }
}

/// The server tells its new status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MsgStatusNotify(pub Status);

/// The server tells of events that the client subscribed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgEventsNotify(pub Vec<Event>);

/// The client has handled a [`MsgEventsNotify`] that asked for this answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MsgEventsAck;

/// The client wants to register events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgRegisterReq(pub Vec<RegisterEvent>);

/// The server's answer to [`MsgRegisterReq`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MsgRegisterRes {
    /// The events as they were registered.
    Events(Vec<Event>),
    /// They were not registered.
    Failure,
}

impl Sbs for MsgRegisterRes {
    const MIN_LEN: usize = 1;

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Events(events) => {
                writer.length(0);
                events.encode(writer);
            }
            Self::Failure => writer.length(1),
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(2)? {
            0 => Sbs::decode(reader).map(Self::Events).map_err(|error| error.in_field("events")),
            _ => Ok(Self::Failure),
        }
    }
}

/// The client asks for events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MsgQueryReq(pub QueryParams);

/// The server's answer to [`MsgQueryReq`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MsgQueryRes(pub QueryResult);

/// A message that is a value of another type, under a name of its own.
macro_rules! renamed {
    ($($message:ident = $type:ty),* $(,)?) => {
        $(impl Sbs for $message {
            const MIN_LEN: usize = <$type as Sbs>::MIN_LEN;

            fn encode(&self, writer: &mut Writer) {
                self.0.encode(writer);
            }

            fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
                Sbs::decode(reader).map(Self)
            }
        })*
    };
}

renamed! {
    MsgStatusNotify = Status,
    MsgEventsNotify = Vec<Event>,
    MsgRegisterReq = Vec<RegisterEvent>,
    MsgQueryReq = QueryParams,
    MsgQueryRes = QueryResult,
}

none!(MsgEventsAck);
