use bytes::Bytes;
use hat_event_chatter::{CloseReason, Received};
use hat_event_common::{Event, Sbs, Writer};

/// Names of the messages that are sent.
pub(crate) const INIT_REQ: &str = "HatEventer.MsgInitReq";
pub(crate) const INIT_RES: &str = "HatEventer.MsgInitRes";
pub(crate) const STATUS_NOTIFY: &str = "HatEventer.MsgStatusNotify";
pub(crate) const EVENTS_NOTIFY: &str = "HatEventer.MsgEventsNotify";
pub(crate) const EVENTS_ACK: &str = "HatEventer.MsgEventsAck";
pub(crate) const REGISTER_REQ: &str = "HatEventer.MsgRegisterReq";
pub(crate) const REGISTER_RES: &str = "HatEventer.MsgRegisterRes";
pub(crate) const QUERY_REQ: &str = "HatEventer.MsgQueryReq";
pub(crate) const QUERY_RES: &str = "HatEventer.MsgQueryRes";
pub(crate) const GET_LOG_CONF_REQ: &str = "HatEventAdminer.MsgGetLogConfReq";
pub(crate) const GET_LOG_CONF_RES: &str = "HatEventAdminer.MsgGetLogConfRes";
pub(crate) const SET_LOG_CONF_REQ: &str = "HatEventAdminer.MsgSetLogConfReq";
pub(crate) const SET_LOG_CONF_RES: &str = "HatEventAdminer.MsgSetLogConfRes";

/// The message that was received, as what its name says.
///
/// # Errors
///
/// Why the connection has to end: its bytes are no such message.
pub(crate) fn decode<T: Sbs>(message: &Received) -> Result<T, CloseReason> {
    T::from_sbs_bytes(message.data.data.clone())
        .map_err(|error| CloseReason::Protocol(format!("{}: {error}", message.data.data_type)))
}

/// Why a connection has to end on which a message came that has no place there.
pub(crate) fn unexpected(message: &Received) -> CloseReason {
    CloseReason::Protocol(format!("unexpected message {:?}", message.data.data_type))
}

/// The bytes of `Array(Event)` behind those of a choice, if it is in one.
pub(crate) fn encode_events(choice: Option<usize>, events: &[Event]) -> Bytes {
    // A choice and a length take at most as much.
    let len = 11 + events.iter().map(Sbs::expected_len).sum::<usize>();
    let mut writer = Writer::with_capacity(len);
    if let Some(choice) = choice {
        writer.length(choice);
    }
    writer.length(events.len());
    for event in events {
        event.encode(&mut writer);
    }
    writer.finish()
}
