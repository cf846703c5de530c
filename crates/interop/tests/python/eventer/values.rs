//! Events as they travel between a test and a process of the reference, and what tests register.

use bytes::Bytes;
use hat_event_common::{
    Event, EventPayload, EventPayloadJson, EventType, MsgEventsNotify, MsgQueryRes, MsgRegisterReq, QueryParams,
    QueryResult, RegisterEvent, Sbs,
};
use serde_json::Value;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

pub(crate) fn to_hex(value: &impl Sbs) -> String {
    let mut digits = String::new();
    for byte in value.to_sbs_bytes() {
        digits.push(char::from(DIGITS[usize::from(byte >> 4)]));
        digits.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    digits
}

fn from_hex<T: Sbs>(digits: &Value) -> T {
    let digits = digits.as_str().unwrap_or_else(|| panic!("{digits} is no text"));
    let digit = |digit: u8| if digit < b'a' { digit - b'0' } else { digit - b'a' + 10 };
    let bytes: Vec<u8> = digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect();
    T::from_sbs_bytes(Bytes::from(bytes)).unwrap()
}

pub(crate) fn register_hex(events: &[RegisterEvent]) -> String {
    to_hex(&MsgRegisterReq(events.to_vec()))
}

pub(crate) fn events_hex(events: &[Event]) -> String {
    to_hex(&MsgEventsNotify(events.to_vec()))
}

pub(crate) fn params_hex(params: impl Into<QueryParams>) -> String {
    to_hex(&params.into())
}

pub(crate) fn events(digits: &Value) -> Vec<Event> {
    from_hex::<MsgEventsNotify>(digits).0
}

pub(crate) fn result(digits: &Value) -> QueryResult {
    from_hex::<MsgQueryRes>(digits).0
}

pub(crate) fn params(digits: &Value) -> QueryParams {
    from_hex(digits)
}

pub(crate) fn event_type(text: &str) -> EventType {
    text.parse().unwrap()
}

/// An event with JSON in it that has characters of all lengths.
pub(crate) fn json_event(kind: &str) -> RegisterEvent {
    let payload = EventPayload::json(&serde_json::json!({"čšž": ["\u{1F600}", -1.5, null]})).unwrap();
    RegisterEvent { event_type: event_type(kind), source_timestamp: None, payload: Some(payload) }
}

/// JSON as nobody writes it, and as the reference writes the same.
pub(crate) fn odd_json() -> (EventPayload, EventPayload) {
    let payload = |text: &str| EventPayloadJson::from_text(text.to_owned()).unwrap().into();
    (
        payload("\n{ \"a\":1,\"č\":[1E2,\"\\u00e9\\/\\ud800\",-0.0] , \"a\":123456789012345678901}"),
        payload(r#"{"a": 123456789012345678901, "\u010d": [100.0, "\u00e9/\ud800", -0.0]}"#),
    )
}

/// An event with so many bytes in it.
pub(crate) fn large_event(kind: &str, len: usize) -> RegisterEvent {
    let data: Vec<u8> = (0..251).cycle().take(len).collect();
    RegisterEvent {
        event_type: event_type(kind),
        source_timestamp: None,
        payload: Some(EventPayload::binary("bytes", data)),
    }
}

/// What was to be registered, of what was registered.
pub(crate) fn unregistered(events: &[Event]) -> Vec<RegisterEvent> {
    let event = |event: &Event| RegisterEvent {
        event_type: event.event_type.clone(),
        source_timestamp: event.source_timestamp,
        payload: event.payload.clone(),
    };
    events.iter().map(event).collect()
}
