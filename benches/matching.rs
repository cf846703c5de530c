//! `Subscription`: how long it takes to make one and to match with it, against its peers.
//!
//! The workload is that of the reference's own benchmark: event types of 1, 3, 5 and 10 segments `segment {digit}`, all
//! of them subscribed to and matched in order. With `BENCH_FULL` set there are up to a million, otherwise up to 10,000.
//!
//! The obvious port is one of subscriptions; the other peers keep a value with each query type.

mod decoded;
#[expect(dead_code, reason = "a subscription does not change, and tells only whether something matches")]
mod peers;
#[path = "peers/port_subscription.rs"]
mod port_subscription;
mod w1;

use std::cell::LazyCell;
use std::time::Duration;

use criterion::{
    BatchSize, BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
    measurement::WallTime,
};
use decoded::decoded;
use hat_event_common::{EventType, Subscription};
use peers::Contestant;
use peers::floor::Floor;
use peers::mqtt::Mqtt;
use peers::zenoh::Zenoh;
use port_subscription::Port;
use w1::w1;

fn group<'a>(criterion: &'a mut Criterion, name: &str, count: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(count as u64));
    if count > 100_000 {
        group.sample_size(10);
    } else {
        group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(2));
    }
    group
}

/// Measures how long it takes to match all keys, of which all have to match.
fn measure<T, K>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    id: BenchmarkId,
    make: impl FnOnce() -> (T, Vec<K>),
    matches: fn(&T, &K) -> bool,
) {
    let made = LazyCell::new(|| {
        let (made, keys) = make();
        assert!(keys.iter().all(|key| matches(&made, key)), "all event types match");
        (made, keys)
    });
    group.bench_function(id, |bencher| {
        let (made, keys) = &*made;
        bencher.iter(|| keys.iter().filter(|key| matches(made, key)).count());
    });
}

fn measure_peer<C: Contestant>(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, event_types: &[EventType]) {
    let make = || (C::build(C::items(event_types)), C::keys(event_types));
    measure(group, id, make, |peer: &C, key| {
        let mut found = false;
        peer.visit(key, &mut |_| found = true);
        found
    });
}

fn build_peer<C: Contestant>(group: &mut BenchmarkGroup<'_, WallTime>, id: BenchmarkId, event_types: &[EventType]) {
    let items = LazyCell::new(|| C::items(event_types));
    group.bench_function(id, |bencher| bencher.iter_batched(|| items.clone(), C::build, BatchSize::LargeInput));
}

fn matching(criterion: &mut Criterion) {
    let counts = [1, 100, 10_000, 1_000_000];
    let counts = if std::env::var_os("BENCH_FULL").is_some() { &counts[..] } else { &counts[..3] };
    for (&count, segments) in counts.iter().flat_map(|count| [1, 3, 5, 10].map(|segments| (count, segments))) {
        let event_types = &decoded(&w1(segments, count));
        let id = |name: &str| BenchmarkId::new(name, format!("{segments}x{count}"));

        let mut matches = group(criterion, "subscription/matches/w1", count);
        let make = || (Subscription::new(event_types.clone()).expect("no wildcards"), event_types.clone());
        measure(&mut matches, id("hat-event"), make, |subscription, event_type| subscription.matches(event_type));
        measure(
            &mut matches,
            id("port-fast"),
            || (Port::new(event_types), event_types.clone()),
            |port, event_type| port.matches(&event_type.segments().collect::<Vec<_>>()),
        );
        measure_peer::<Zenoh>(&mut matches, id("zenoh"), event_types);
        measure_peer::<Mqtt>(&mut matches, id("mqtt"), event_types);
        measure_peer::<Floor>(&mut matches, id("floor"), event_types);
        matches.finish();

        let mut build = group(criterion, "subscription/build/w1", count);
        build.bench_function(id("hat-event"), |bencher| {
            bencher.iter_with_large_drop(|| Subscription::new(event_types.iter().cloned()));
        });
        build.bench_function(id("port-fast"), |bencher| {
            bencher.iter_with_large_drop(|| Port::new(event_types));
        });
        build_peer::<Zenoh>(&mut build, id("zenoh"), event_types);
        build_peer::<Mqtt>(&mut build, id("mqtt"), event_types);
        build.finish();
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
