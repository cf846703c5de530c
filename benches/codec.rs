//! Encoding and decoding of arrays of events, against what a Rust developer would take otherwise.
//!
//! Each contestant starts from its own values or bytes of the same events. Only this project's decoder checks that JSON
//! is JSON; all but memcpy check UTF-8.

mod codec_peers;
mod events;
mod random;

use std::hint::black_box;

use bytes::Bytes;
use codec_peers::{owned, shared};
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use hat_event_common::{MsgEventsNotify, Sbs};
use prost::Message;

const COUNTS: [usize; 3] = [1, 100, 1000];

fn bench<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, count: usize, mut run: impl FnMut() -> T) {
    group.throughput(Throughput::Elements(count as u64));
    group.bench_function(BenchmarkId::new(name, count), |bencher| bencher.iter(|| black_box(run())));
}

fn encode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec/encode");
    for count in COUNTS {
        let events = events::events(count);
        let owned = owned::Events::from(&events[..]);
        let shared = shared::Events::from(&events[..]);
        let notify = MsgEventsNotify(events);
        let bytes = notify.to_sbs_bytes();
        bench(&mut group, "hat-event", count, || notify.to_sbs_bytes());
        bench(&mut group, "prost", count, || owned.encode_to_vec());
        bench(&mut group, "prost-shared", count, || shared.encode_to_vec());
        bench(&mut group, "bincode", count, || bincode::serde::encode_to_vec(&owned, bincode::config::standard()));
        bench(&mut group, "postcard", count, || postcard::to_allocvec(&owned));
        bench(&mut group, "memcpy", count, || bytes.to_vec());
    }
}

fn decode(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("codec/decode");
    for count in COUNTS {
        let events = events::events(count);
        let owned = owned::Events::from(&events[..]);
        let bytes = MsgEventsNotify(events).to_sbs_bytes();
        let prost = Bytes::from(owned.encode_to_vec());
        let config = bincode::config::standard();
        let bincode = bincode::serde::encode_to_vec(&owned, config).expect("events encode");
        let postcard = postcard::to_allocvec(&owned).expect("events encode");
        bench(&mut group, "hat-event", count, || MsgEventsNotify::from_sbs_bytes(bytes.clone()));
        bench(&mut group, "prost", count, || owned::Events::decode(&prost[..]));
        bench(&mut group, "prost-shared", count, || shared::Events::decode(prost.clone()));
        bench(&mut group, "bincode", count, || bincode::serde::decode_from_slice::<owned::Events, _>(&bincode, config));
        bench(&mut group, "postcard", count, || postcard::from_bytes::<owned::Events>(&postcard));
    }
}

criterion_group!(benches, encode, decode);
criterion_main!(benches);
