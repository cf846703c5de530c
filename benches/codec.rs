//! Encoding and decoding of arrays of events, against what a Rust developer would take otherwise.
//!
//! Each contestant starts from its own values or its own bytes of the same events. Before it is measured, the events are
//! restored from what it made and compared: all of each event has to be there.
//!
//! | contestant | text in the decoded event | bytes | checked |
//! |---|---|---|---|
//! | `hat-event` | shares the received buffer | share it | UTF-8, JSON, ranges of ids and times |
//! | `prost` | `String` | `Vec` | UTF-8 |
//! | `prost-shared` | `String` | share the buffer | UTF-8 |
//! | `bincode`, `postcard` | `String` | `Vec` | UTF-8 |
//! | `bincode-borrowed`, `postcard-borrowed` | `&str`, which the buffer has to outlive | `&[u8]` | UTF-8 |
//!
//! The floor of encoding is `memcpy`, a copy of the bytes. That of decoding is `clone`, a copy of the decoded events: what it
//! takes to have them, without a look at the bytes.

mod codec_peers;
mod events;
mod random;

use std::hint::black_box;

use bytes::Bytes;
use codec_peers::{borrowed, owned, shared};
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use hat_event_common::{Event, MsgEventsNotify, Sbs};
use prost::Message;

const COUNTS: [usize; 3] = [1, 100, 1000];

const BINCODE: bincode::config::Configuration = bincode::config::standard();

/// Measures a contestant, once the events can be restored from what it makes.
fn bench<T>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    events: &[Event],
    mut run: impl FnMut() -> T,
    restore: impl FnOnce(T) -> Vec<Event>,
) {
    assert_eq!(restore(run()), events, "{name} lost something");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function(BenchmarkId::new(name, events.len()), |bencher| bencher.iter(|| black_box(run())));
}

fn encode(criterion: &mut Criterion) {
    let group = &mut criterion.benchmark_group("codec/encode");
    for count in COUNTS {
        let events = &events::events(count)[..];
        let notify = MsgEventsNotify(events.to_vec());
        let owned = owned::Events::from(events);
        let shared = shared::Events::from(events);
        let bytes = notify.to_sbs_bytes();
        bench(group, "hat-event", events, || notify.to_sbs_bytes(), decode_sbs);
        bench(group, "prost", events, || owned.encode_to_vec(), |bytes| decode_prost(&bytes).restored());
        bench(group, "prost-shared", events, || shared.encode_to_vec(), |bytes| decode_prost(&bytes).restored());
        bench(group, "bincode", events, || encode_bincode(&owned), |bytes| decode_bincode(&bytes).restored());
        bench(group, "postcard", events, || encode_postcard(&owned), |bytes| decode_postcard(&bytes).restored());
        bench(group, "memcpy", events, || bytes.to_vec(), |bytes| decode_sbs(bytes.into()));
    }
}

fn decode(criterion: &mut Criterion) {
    let group = &mut criterion.benchmark_group("codec/decode");
    for count in COUNTS {
        let events = &events::events(count)[..];
        let owned = owned::Events::from(events);
        let sbs = MsgEventsNotify(events.to_vec()).to_sbs_bytes();
        let prost = Bytes::from(owned.encode_to_vec());
        let bincode = encode_bincode(&owned);
        let postcard = encode_postcard(&owned);
        bench(group, "hat-event", events, || decode_sbs(sbs.clone()), |events| events);
        bench(group, "prost", events, || decode_prost(&prost), |events| events.restored());
        let decode_shared = || shared::Events::decode(prost.clone()).expect("these are events");
        bench(group, "prost-shared", events, decode_shared, |events| events.restored());
        bench(group, "bincode", events, || decode_bincode(&bincode), |events| events.restored());
        bench(group, "bincode-borrowed", events, || borrow_bincode(&bincode), |events| events.restored());
        bench(group, "postcard", events, || decode_postcard(&postcard), |events| events.restored());
        bench(group, "postcard-borrowed", events, || borrow_postcard(&postcard), |events| events.restored());
        let decoded = decode_sbs(sbs.clone());
        bench(group, "clone", events, || decoded.clone(), |events| events);
    }
}

fn decode_sbs(bytes: Bytes) -> Vec<Event> {
    MsgEventsNotify::from_sbs_bytes(bytes).expect("these are events").0
}

fn decode_prost(bytes: &[u8]) -> owned::Events {
    owned::Events::decode(bytes).expect("these are events")
}

fn encode_bincode(events: &owned::Events) -> Vec<u8> {
    bincode::encode_to_vec(events, BINCODE).expect("events encode")
}

fn decode_bincode(bytes: &[u8]) -> owned::Events {
    bincode::decode_from_slice(bytes, BINCODE).expect("these are events").0
}

fn borrow_bincode(bytes: &[u8]) -> borrowed::Events<'_> {
    bincode::borrow_decode_from_slice(bytes, BINCODE).expect("these are events").0
}

fn encode_postcard(events: &owned::Events) -> Vec<u8> {
    postcard::to_allocvec(events).expect("events encode")
}

fn decode_postcard(bytes: &[u8]) -> owned::Events {
    postcard::from_bytes(bytes).expect("these are events")
}

fn borrow_postcard(bytes: &[u8]) -> borrowed::Events<'_> {
    postcard::from_bytes(bytes).expect("these are events")
}

criterion_group!(benches, encode, decode);
criterion_main!(benches);
