//! Events, messages and timestamps as bytes.

use std::hint::black_box;

use hat_event_chatter::FrameSplitter;
use hat_event_codec::{
    MsgEventsNotify, MsgRegisterReq, Sbs, sbs_repo, timestamp_from_bytes, timestamp_from_datetime,
    timestamp_from_float, timestamp_to_bytes, timestamp_to_datetime, timestamp_to_float,
};
use hat_event_types::{Event, RegisterEvent, Timestamp, check_json};

use crate::events::events;
use crate::{Operation, Piece};

pub(crate) const OPERATIONS: &[Operation] = &[
    ("codec/encode/event", encode),
    ("codec/encode/register-event", encode_register),
    ("codec/decode/event", decode),
    ("codec/decode/event-by-schema", decode_by_schema),
    ("json/check", json_check),
    ("timestamp/convert", timestamps),
    ("chatter/decode", frames),
];

/// Events in a message.
const EVENTS: usize = 100;

fn encode() -> Piece {
    let message = MsgEventsNotify(events(EVENTS));
    Piece::new(EVENTS, move || message.to_sbs_bytes())
}

fn encode_register() -> Piece {
    let register =
        |Event { event_type, source_timestamp, payload, .. }| RegisterEvent { event_type, source_timestamp, payload };
    let message = MsgRegisterReq(events(EVENTS).into_iter().map(register).collect());
    Piece::new(EVENTS, move || message.to_sbs_bytes())
}

fn decode() -> Piece {
    let bytes = MsgEventsNotify(events(EVENTS)).to_sbs_bytes();
    Piece::new(EVENTS, move || MsgEventsNotify::from_sbs_bytes(bytes.clone()).expect("our own bytes"))
}

fn decode_by_schema() -> Piece {
    let bytes = MsgEventsNotify(events(EVENTS)).to_sbs_bytes();
    Piece::new(EVENTS, move || sbs_repo().decode("HatEventer.MsgEventsNotify", bytes.clone()).expect("our own bytes"))
}

fn json_check() -> Piece {
    let text = |event: &Event| Some(event.payload.as_ref()?.as_json()?.text().clone());
    let texts: Vec<_> = events(EVENTS).iter().filter_map(text).collect();
    Piece::new(texts.len(), move || texts.iter().all(|text| check_json(text).is_ok()))
}

/// To bytes, to seconds, to a date, and back from each.
fn timestamps() -> Piece {
    let times: Vec<Timestamp> = events(EVENTS).iter().map(|event| event.timestamp).collect();
    Piece::new(times.len(), move || {
        for time in times.iter().copied() {
            let there_and_back = (
                timestamp_from_bytes(black_box(timestamp_to_bytes(time))),
                timestamp_from_float(black_box(timestamp_to_float(time))),
                timestamp_to_datetime(time).map(|date| timestamp_from_datetime(black_box(date))),
            );
            black_box(there_and_back).0.expect("a timestamp's bytes");
        }
    })
}

/// All that a server sent to one client, in pieces as a network may cut them.
fn frames() -> Piece {
    const RECORDED: &[u8] = include_bytes!("../../crates/chatter/tests/sample/conn-03/s2c.bin");
    let decode = || {
        let mut splitter = FrameSplitter::new();
        let mut count = 0;
        for piece in RECORDED.chunks(1460) {
            splitter.feed(piece);
            while let Some(frame) = splitter.next_frame().expect("a sound recording") {
                black_box(frame.decode().expect("a sound recording"));
                count += 1;
            }
        }
        count
    };
    Piece::new(decode(), decode)
}
