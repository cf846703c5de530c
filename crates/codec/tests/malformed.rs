//! Bytes that no peer sends: each is refused with the place of what is wrong, and takes no more memory than it may.

mod common;

use allocation_counter::measure;
use bytes::Bytes;
use hat_event_codec::*;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

/// The integer 2^63 − 1.
const HUGE: [u8; 10] = [0x00, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF];

/// Some messages of every type, the same each time: name of the type, and bytes.
fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let mut runner = TestRunner::deterministic();
    let mut sample = || {
        let message = common::message().new_tree(&mut runner).unwrap().current();
        let mut writer = Writer::default();
        message.encode(&mut writer);
        (message.type_name(), writer.finish().to_vec())
    };
    let samples: Vec<_> = (0..150).map(|_| sample()).collect();
    for name in Message::TYPE_NAMES {
        assert!(samples.iter().any(|sample| sample.0 == *name), "no {name}");
    }
    samples
}

fn typed(name: &str, bytes: impl Into<Bytes>) -> Result<Message, DecodeError> {
    match Message::decode(name, bytes.into()) {
        Ok(message) => Ok(message),
        Err(MessageError::Decode { error, .. }) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

fn dynamic(name: &str, bytes: impl Into<Bytes>) -> Result<Data, DecodeError> {
    match sbs_repo().decode(name, bytes.into()) {
        Ok(data) => Ok(data),
        Err(SbsError::Decode(error)) => Err(error),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn no_beginning_of_a_message_is_a_message() {
    for (name, bytes) in samples() {
        for len in 0..bytes.len() {
            for error in
                [typed(name, bytes[..len].to_vec()).unwrap_err(), dynamic(name, bytes[..len].to_vec()).unwrap_err()]
            {
                assert!(matches!(error.kind(), DecodeErrorKind::UnexpectedEnd(_)), "{name}: {error}");
                assert!(error.offset() <= len);
            }
        }
    }
}

#[test]
fn nothing_may_follow_a_message() {
    for (name, mut bytes) in samples() {
        let error = DecodeError::new(DecodeErrorKind::TrailingBytes(2), bytes.len());
        bytes.extend([0x80, 0x80]);
        assert_eq!(typed(name, bytes.clone()), Err(error.clone()));
        assert_eq!(dynamic(name, bytes), Err(error));
    }
}

#[test]
fn any_change_of_any_byte_is_refused_or_a_message() {
    for (name, bytes) in samples().into_iter().filter(|(_, bytes)| bytes.len() < 100) {
        for place in 0..bytes.len() {
            for byte in 0..=255 {
                let mut bytes = bytes.clone();
                bytes[place] = byte;
                let dynamic = dynamic(name, bytes.clone());
                match typed(name, bytes) {
                    Ok(message) => {
                        let mut writer = Writer::default();
                        message.encode(&mut writer);
                        assert_eq!(sbs_repo().encode(name, &dynamic.unwrap()).unwrap(), writer.finish());
                    }
                    Err(error) => assert!(error.offset() <= 100),
                }
            }
        }
    }
}

/// One event: type `a/b`, time 5 s 3 µs, payload of type `raw`.
#[rustfmt::skip]
const REGISTER: [u8; 18] = [
    0x81,                           //  0 number of events
    0x82, 0x81, b'a', 0x81, b'b',   //  1 type
    0x81, 0x85, 0x83,               //  6 sourceTimestamp: there is one, s, us
    0x81, 0x80,                     //  9 payload: there is one, it is binary
    0x83, b'r', b'a', b'w',         // 11 its type
    0x82, 0x00, 0xFF,               // 15 its data
];

#[test]
fn one_wrong_field_is_named_with_its_place() {
    let with = |place: usize, bytes: &[u8]| [&REGISTER[..place], bytes, &REGISTER[place + 1..]].concat();
    for (bytes, text) in [
        (with(0, &[0xFF]), "invalid length at byte 0"),
        (with(0, &[0x83]), "[1].type: data ends inside an event type at byte 18"),
        (with(0, &HUGE), "data ends inside an array at byte 0"),
        (with(1, &[0xC0]), "[0].type: invalid length at byte 1"),
        (with(1, &HUGE), "[0].type: string is not UTF-8 at byte 16"),
        (with(2, &[0xFF]), "[0].type: invalid length at byte 2"),
        (with(3, &[0xC3]), "[0].type: string is not UTF-8 at byte 3"),
        (with(4, &HUGE), "[0].type: data ends inside an event type at byte 1"),
        (with(6, &[0x82]), "[0].sourceTimestamp: choice 2 of 2 options at byte 6"),
        (with(6, &[0xC0]), "[0].sourceTimestamp: choice -64 of 2 options at byte 6"),
        (
            with(7, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0x80]),
            "[0].sourceTimestamp.s: integer does not fit into 64 bits at byte 7",
        ),
        (with(8, &[0xFF]), "[0].sourceTimestamp.us: -1 microseconds are not in 0 … 999999 at byte 8"),
        (with(8, &[0x3D, 0x04, 0xC0]), "[0].sourceTimestamp.us: 1000000 microseconds are not in 0 … 999999 at byte 8"),
        (with(9, &[0xBF]), "[0].payload: choice 63 of 2 options at byte 9"),
        (with(10, &[0x82]), "[0].payload: choice 2 of 2 options at byte 10"),
        (with(10, &[0x81]), "[0].payload.json: expected a value at byte 0 of JSON text at byte 11"),
        (with(11, &[0xFF]), "[0].payload.binary.type: invalid length at byte 11"),
        (with(12, &[0xFF]), "[0].payload.binary.type: string is not UTF-8 at byte 12"),
        (with(15, &[0x83]), "[0].payload.binary.data: data ends inside bytes at byte 15"),
        (with(15, &HUGE), "[0].payload.binary.data: data ends inside bytes at byte 15"),
        (with(15, &[0x81]), "1 bytes follow the value at byte 17"),
    ] {
        let error = typed("HatEventer.MsgRegisterReq", bytes.clone()).unwrap_err();
        assert_eq!(error.to_string(), text, "{bytes:02x?}");
    }
}

#[test]
fn ids_and_maxima_are_not_negative() {
    let with_id = [0x82, 0x85, 0x00, 0x80, 0x81, 0x81, 0xFF, 0x82];
    let error = typed("HatEventer.MsgQueryReq", with_id.to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "server.lastEventId.session: -1 is negative at byte 6");
    let with_maximum = [0x82, 0x85, 0x00, 0x81, 0xFE, 0x80];
    let error = typed("HatEventer.MsgQueryReq", with_maximum.to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "server.maxResults: -2 is negative at byte 4");
}

fn json_message(text: &str) -> Bytes {
    let mut writer = Writer::default();
    // One event without segments and source timestamp.
    for number in [1, 0, 0, 1, 1] {
        writer.integer(number);
    }
    writer.string(text);
    writer.finish()
}

#[test]
fn text_that_is_no_json_is_refused() {
    let decode = |text: &str| typed("HatEventer.MsgRegisterReq", json_message(text));
    for text in ["1", " [] ", "\"\\ud800\"", "1234567890123456789012345678901234567890", "{\"a\": 1, \"a\": 2}"] {
        assert!(decode(text).is_ok(), "{text}");
    }
    for text in ["", "NaN", "-Infinity", "1e400", "01", "[1,]", "{1: 2}", "'a'", "\"\n\"", "\"\\x\"", "1 2", "nul"] {
        let error = decode(text).unwrap_err();
        assert!(matches!(error.kind(), DecodeErrorKind::Json(_)), "{text}: {error}");
        assert!(
            error.to_string().starts_with("[0].payload.json: ") && error.to_string().ends_with(" at byte 5"),
            "{error}"
        );
    }
}

#[test]
fn deep_json_is_no_danger() {
    let decode = |depth| {
        let text = "[".repeat(depth) + &"]".repeat(depth);
        typed("HatEventer.MsgRegisterReq", json_message(&text))
    };
    assert!(decode(900).is_ok());
    for depth in [2000, 1_000_000] {
        assert!(matches!(decode(depth).unwrap_err().kind(), DecodeErrorKind::Json(_)));
    }
}

/// Decodes with so much memory taken at one time.
#[track_caller]
fn check_memory(bytes: Bytes, most: usize, decode: impl FnOnce(Bytes)) {
    let len = bytes.len();
    let taken = measure(|| decode(bytes)).bytes_max as usize;
    assert!(taken <= most, "{taken} bytes taken for {len} received, {most} allowed");
}

#[test]
fn what_was_received_bounds_the_memory() {
    // A thousand items, with so many bytes after them that they could be there.
    let thousand = [&[0x07, 0xE8][..], &[0x80; 9000]].concat();
    for (name, bytes) in samples() {
        for place in 0..=bytes.len() {
            for claim in [&HUGE[..], &thousand] {
                let bytes = Bytes::from([&bytes[..place], claim, &bytes[place..]].concat());
                let len = bytes.len();
                check_memory(bytes.clone(), 64 * len + 4096, |bytes| drop(typed(name, bytes)));
                check_memory(bytes, 300 * len + 4096, |bytes| drop(dynamic(name, bytes)));
            }
        }
    }
}

#[test]
fn recursive_types_and_items_without_content_are_bounded() {
    let text = "module M Tree = Record{children: Array(Tree)} Empty = Array(Array(Record{a: None b: None}))";
    let repository = Repository::parse(text).unwrap();
    // As many children as there are bytes after them, each of which claims as many again.
    let tree: Vec<u8> = (1..2000u16).rev().flat_map(|left| [(left >> 7) as u8, left as u8 | 0x80]).collect();
    check_memory(tree.into(), 1 << 18, |bytes| assert!(repository.decode("M.Tree", bytes).is_err()));
    // Each of a thousand arrays claims as many items as are allowed in all of them.
    let empty = [&[0x07, 0xE8][..], &[0x01, 0x2A, 0xD5].repeat(1000)].concat();
    let most = 100 * MAX_EMPTY_ITEMS;
    check_memory(empty.into(), most, |bytes| assert!(repository.decode("M.Empty", bytes).is_err()));
}

#[test]
fn a_claimed_count_reserves_no_more_than_twice_what_was_received() {
    const LEN: usize = 1 << 20;
    for (name, min_len) in [("HatEventer.MsgEventsNotify", 8), ("HatEventer.MsgRegisterReq", 3)] {
        // As many items as could be there, of which the first is none.
        let mut writer = Writer::default();
        writer.integer((LEN / min_len - 10) as i64);
        let mut bytes = writer.finish().to_vec();
        bytes.resize(LEN, 0xFF);
        check_memory(bytes.into(), 2 * LEN + 4096, |bytes| assert!(typed(name, bytes).is_err()));
    }
}
