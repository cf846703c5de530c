//! Measures one of the Rust contestants of the codec.

use bytes::Bytes;
use hat_event_common::{MsgEventsNotify, Sbs};
use prost::Message;

use crate::clock::a_run;
use crate::codec_peers::{owned, shared};
use crate::events;
use crate::results::{Measured, measured};

/// Encoding and decoding of so many events by this project.
pub(crate) fn hat_event(count: usize, seconds: f64) -> Measured {
    let notify = MsgEventsNotify(events::events(count));
    let bytes = notify.to_sbs_bytes();
    let encode = || notify.to_sbs_bytes();
    let decode = || MsgEventsNotify::from_sbs_bytes(bytes.clone()).expect("what was encoded");
    assert_eq!(decode(), notify);
    an_event(count, a_run(seconds, encode), a_run(seconds, decode))
}

/// The same by prost, with a `String` a segment.
pub(crate) fn prost(count: usize, seconds: f64) -> Measured {
    let events = owned::Events::from(&events::events(count)[..]);
    let bytes = events.encode_to_vec();
    let encode = || events.encode_to_vec();
    let decode = || owned::Events::decode(&bytes[..]).expect("what was encoded");
    assert_eq!(decode(), events);
    an_event(count, a_run(seconds, encode), a_run(seconds, decode))
}

/// The same by prost, which shares the received buffer where it can.
pub(crate) fn prost_shared(count: usize, seconds: f64) -> Measured {
    let events = shared::Events::from(&events::events(count)[..]);
    let bytes = Bytes::from(events.encode_to_vec());
    let encode = || events.encode_to_vec();
    let decode = || shared::Events::decode(bytes.clone()).expect("what was encoded");
    assert_eq!(decode(), events);
    an_event(count, a_run(seconds, encode), a_run(seconds, decode))
}

fn an_event(count: usize, encode: f64, decode: f64) -> Measured {
    measured([("encode", encode / count as f64), ("decode", decode / count as f64)])
}
