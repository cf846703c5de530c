//! Laws that hold for all values and all bytes.

mod common;

use bytes::Bytes;
use common::*;
use hat_event_codec::*;
use hat_event_types::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn encode(message: &Message) -> Bytes {
    let mut writer = Writer::default();
    message.encode(&mut writer);
    writer.finish()
}

/// Typed and dynamic, bytes and data: all lead to each other.
fn check_value<T: Sbs + PartialEq + std::fmt::Debug>(
    type_name: &str,
    value: &T,
    to_sbs: fn(&T) -> Data,
    from_sbs: fn(&Data) -> Result<T, SbsError>,
) -> Result<(), TestCaseError> {
    let bytes = value.to_sbs_bytes();
    prop_assert_eq!(&T::from_sbs_bytes(bytes.clone()).unwrap(), value);
    prop_assert!(bytes.len() >= T::MIN_LEN);
    let data = sbs_repo().decode(type_name, bytes.clone()).unwrap();
    prop_assert_eq!(sbs_repo().encode(type_name, &data).unwrap(), bytes);
    prop_assert_eq!(&to_sbs(value), &data);
    prop_assert_eq!(&from_sbs(&data).unwrap(), value);
    Ok(())
}

/// One change of bytes that are a message.
fn damage() -> impl Strategy<Value = (u8, prop::sample::Index, u8)> {
    (0..4u8, any::<prop::sample::Index>(), prop_oneof![any::<u8>(), Just(0), Just(0x7F), 0x80..0x90u8, Just(0xFF)])
}

fn damaged(bytes: &Bytes, damage: Vec<(u8, prop::sample::Index, u8)>) -> Bytes {
    let mut bytes = bytes.to_vec();
    for (what, place, byte) in damage {
        let place = place.index(bytes.len() + 1);
        match what {
            0 => bytes.insert(place, byte),
            _ if place == bytes.len() => bytes.push(byte),
            1 => bytes[place] = byte,
            2 => bytes[place] = bytes[place].wrapping_add(1),
            _ => drop(bytes.remove(place)),
        }
    }
    bytes.into()
}

proptest! {
    #[test]
    fn messages_come_back_the_typed_and_the_dynamic_way(message in message()) {
        let bytes = encode(&message);
        prop_assert_eq!(&Message::decode(message.type_name(), bytes.clone()).unwrap(), &message);
        let data = sbs_repo().decode(message.type_name(), bytes.clone()).unwrap();
        prop_assert_eq!(sbs_repo().encode(message.type_name(), &data).unwrap(), bytes);
        let json = serde_json::to_string(&data).unwrap();
        prop_assert_eq!(serde_json::from_str::<Data>(&json).unwrap(), data);
    }

    #[test]
    fn values_come_back_the_typed_and_the_dynamic_way(
        t in timestamp(), status in status(), event in event(), register_event in register_event(),
        params in query_params(), result in query_result(), payload in payload(),
    ) {
        check_value("HatEventer.Timestamp", &t, timestamp_to_sbs, timestamp_from_sbs)?;
        check_value("HatEventer.Status", &status, status_to_sbs, status_from_sbs)?;
        check_value("HatEventer.Event", &event, event_to_sbs, event_from_sbs)?;
        check_value("HatEventer.RegisterEvent", &register_event, register_event_to_sbs, register_event_from_sbs)?;
        check_value("HatEventer.QueryParams", &params, query_params_to_sbs, query_params_from_sbs)?;
        check_value("HatEventer.QueryResult", &result, query_result_to_sbs, query_result_from_sbs)?;
        check_value("HatEventer.EventPayload", &payload, event_payload_to_sbs, event_payload_from_sbs)?;
    }

    /// The typed way refuses what the dynamic way does, and beyond that only numbers that are no id, no maximum or no
    /// timestamp, and text that is no JSON. What both accept is the same, however it is padded.
    #[test]
    fn typed_and_dynamic_decoding_agree_on_any_bytes(message in message(), damage in vec(damage(), 0..3)) {
        let name = message.type_name();
        let bytes = damaged(&encode(&message), damage);
        let dynamic = sbs_repo().decode(name, bytes.clone());
        match Message::decode(name, bytes.clone()) {
            Ok(message) => {
                let canonical = encode(&message);
                prop_assert_eq!(&sbs_repo().encode(name, &dynamic.unwrap()).unwrap(), &canonical);
                prop_assert!(canonical.len() <= bytes.len());
                prop_assert_eq!(Message::decode(name, canonical).unwrap(), message);
            }
            Err(MessageError::Decode { error, .. }) => {
                use DecodeErrorKind::*;
                let of_values = matches!(error.kind(), Negative(_) | Timestamp(_) | Json(_));
                prop_assert!(dynamic.is_err() || of_values, "{}", error);
                prop_assert!(error.offset() <= bytes.len());
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(
        name in prop::sample::select(Message::TYPE_NAMES), bytes in vec(any::<u8>(), 0..60),
    ) {
        let bytes = Bytes::from(bytes);
        let typed = Message::decode(name, bytes.clone());
        prop_assert!(typed.is_err() || sbs_repo().decode(name, bytes).is_ok());
    }

    #[test]
    fn the_order_of_bytes_is_the_order_of_time(a in timestamp(), b in timestamp()) {
        prop_assert_eq!(timestamp_to_bytes(a).cmp(&timestamp_to_bytes(b)), a.cmp(&b));
        prop_assert_eq!(timestamp_from_bytes(timestamp_to_bytes(a)), Ok(a));
    }

    #[test]
    fn dates_and_floats_are_timestamps(t in timestamp(), s in -1_000_000_000..1_000_000_000i64) {
        if let Ok(datetime) = timestamp_to_datetime(t) {
            prop_assert_eq!(timestamp_from_datetime(datetime), t);
        }
        // So near to 1970, a double tells microseconds apart.
        let near = Timestamp::new(s, t.us()).unwrap();
        prop_assert_eq!(timestamp_from_float(timestamp_to_float(near)), Ok(near));
    }

    #[test]
    fn decoded_events_share_the_received_buffer(events in vec(event(), 1..5)) {
        let bytes = MsgEventsNotify(events).to_sbs_bytes();
        let received = bytes.as_ptr_range();
        let shared = |part: &[u8]| part.is_empty() || received.contains(&part.as_ptr());
        for event in MsgEventsNotify::from_sbs_bytes(bytes.clone()).unwrap().0 {
            prop_assert!(shared(event.event_type.as_packed()));
            match event.payload {
                None => {}
                Some(EventPayload::Binary(binary)) => {
                    prop_assert!(shared(binary.binary_type.as_bytes()) && shared(&binary.data));
                }
                Some(EventPayload::Json(json)) => prop_assert!(shared(json.text().as_bytes())),
            }
        }
        let data = sbs_repo().decode("HatEventer.MsgEventsNotify", bytes.clone()).unwrap();
        prop_assert!(texts_and_bytes(&data).into_iter().all(shared));
    }
}

fn texts_and_bytes(data: &Data) -> Vec<&[u8]> {
    match data {
        Data::String(text) => vec![text.as_bytes()],
        Data::Bytes(bytes) => vec![bytes],
        Data::Array(items) => items.iter().flat_map(texts_and_bytes).collect(),
        Data::Record(fields) => fields.iter().flat_map(|(_, value)| texts_and_bytes(value)).collect(),
        Data::Choice(_, value) => texts_and_bytes(value),
        _ => Vec::new(),
    }
}
