//! `Subscription`: how long it takes to make one and to match with it, against the obvious port.
//!
//! The workload is that of the reference's own benchmark: event types of 1, 3, 5 and 10 segments `segment {digit}`, all
//! of them subscribed to and matched in order. With `BENCH_FULL` set there are up to a million, otherwise up to 10,000.

mod decoded;
mod floor;
mod port_subscription;
mod w1;

use std::time::Duration;

use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use decoded::decoded;
use floor::Floor;
use hat_event_common::{EventType, Subscription};
use port_subscription::Port;
use w1::w1;

fn found_in_floor(floor: &Floor, event_type: &EventType) -> bool {
    let mut found = false;
    floor.visit(event_type, &mut |_| found = true);
    found
}

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

fn matching(criterion: &mut Criterion) {
    let counts = [1, 100, 10_000, 1_000_000];
    let counts = if std::env::var_os("BENCH_FULL").is_some() { &counts[..] } else { &counts[..3] };
    for (&count, segments) in counts.iter().flat_map(|count| [1, 3, 5, 10].map(|segments| (count, segments))) {
        let event_types = decoded(&w1(segments, count));
        let size = format!("{segments}x{count}");

        let subscription = Subscription::new(event_types.clone()).expect("no wildcards");
        let port = Port::new(&event_types);
        let floor = Floor::from_iter(event_types.iter().zip(0..));
        let mut matches = group(criterion, "subscription/matches/w1", count);
        matches.bench_function(BenchmarkId::new("hat-event", &size), |bencher| {
            bencher.iter(|| event_types.iter().filter(|event_type| subscription.matches(event_type)).count());
        });
        matches.bench_function(BenchmarkId::new("port-fast", &size), |bencher| {
            let matches = |event_type: &&EventType| port.matches(&event_type.segments().collect::<Vec<_>>());
            bencher.iter(|| event_types.iter().filter(matches).count());
        });
        matches.bench_function(BenchmarkId::new("floor", &size), |bencher| {
            bencher.iter(|| event_types.iter().filter(|event_type| found_in_floor(&floor, event_type)).count());
        });
        matches.finish();
        drop((subscription, port, floor));

        let mut build = group(criterion, "subscription/build/w1", count);
        build.bench_function(BenchmarkId::new("hat-event", &size), |bencher| {
            bencher.iter_with_large_drop(|| Subscription::new(event_types.iter().cloned()));
        });
        build.bench_function(BenchmarkId::new("port-fast", &size), |bencher| {
            bencher.iter_with_large_drop(|| Port::new(&event_types));
        });
        build.finish();
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
