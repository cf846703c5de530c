//! `TreeEventTypeCollection`: looking up, building and changing, against the obvious port.

mod decoded;
mod floor;
mod port;
mod random;
mod workloads;

use std::time::Duration;

use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use floor::Floor;
use hat_event_common::{
    EventType, EventTypeCollection, ListEventTypeCollection, QueryType, Subscription, TreeEventTypeCollection,
};
use workloads::Workload;

/// So many events are looked up in one measured piece.
const PIECE: usize = 1000;

/// Events of W3, so many that their types do not stay in a cache.
const EVENTS: usize = 1_000_000;

fn subscriptions(query_types: &[EventType]) -> Vec<(Subscription, u32)> {
    let query_types = query_types.iter().map(|query_type| QueryType::new(query_type.clone()).expect("checked"));
    query_types.map(Subscription::from).zip(0..).collect()
}

fn port<S: std::hash::BuildHasher + Default>(query_types: &[EventType]) -> port::Port<S> {
    let mut port = port::Port::default();
    query_types.iter().zip(0..).for_each(|(query_type, value)| port.add(query_type, value));
    port
}

/// Measures looking up event types, [`PIECE`] after [`PIECE`] in turn.
fn measure(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    event_types: &[EventType],
    mut look_up: impl FnMut(&EventType) -> u64,
) {
    let piece = PIECE.min(event_types.len());
    let mut pieces = event_types.chunks_exact(piece).cycle();
    group.throughput(Throughput::Elements(piece as u64));
    group.bench_function(name, |bencher| {
        bencher.iter(|| pieces.next().into_iter().flatten().map(&mut look_up).fold(0, u64::wrapping_add));
    });
}

fn look_up(collection: &impl EventTypeCollection<u32>, event_type: &EventType) -> u64 {
    let mut sum = 0;
    collection.visit(event_type, &mut |value| sum += u64::from(*value));
    sum
}

fn look_up_in_port<S: std::hash::BuildHasher + Default>(port: &port::Port<S>, event_type: &EventType) -> u64 {
    let mut sum = 0;
    port.visit(event_type, &mut |value| sum += u64::from(value));
    sum
}

fn look_up_in_floor(floor: &Floor, event_type: &EventType) -> u64 {
    let mut sum = 0;
    floor.visit(event_type, &mut |value| sum += u64::from(value));
    sum
}

fn get(criterion: &mut Criterion) {
    let mut workloads = vec![("w2", workloads::w2()), ("w3", workloads::w3(EVENTS))];
    workloads.extend(workloads::w4());
    for (name, Workload { query_types, event_types }) in workloads {
        let hostile = !matches!(name, "w2" | "w3");
        let mut group = criterion.benchmark_group(format!("collection/get/{}{name}", if hostile { "w4-" } else { "" }));
        group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).sample_size(50);

        let tree = TreeEventTypeCollection::from_iter(subscriptions(&query_types));
        measure(&mut group, "tree", &event_types, |event_type| look_up(&tree, event_type));
        drop(tree);
        let fast: port::Fast = port(&query_types);
        measure(&mut group, "port-fast", &event_types, |event_type| look_up_in_port(&fast, event_type));
        drop(fast);
        if !hostile {
            let std: port::Std = port(&query_types);
            measure(&mut group, "port-std", &event_types, |event_type| look_up_in_port(&std, event_type));
            drop(std);
            // On W3 this finds the values of exact query types only.
            let floor = Floor::from_iter(query_types.iter().zip(0..));
            let name = if name == "w2" { "floor" } else { "floor-exact-only" };
            measure(&mut group, name, &event_types, |event_type| look_up_in_floor(&floor, event_type));
        }
        group.finish();
    }
}

/// The list is for few values.
fn get_of_few(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collection/get/few");
    let Workload { query_types, event_types } = workloads::w2();
    for count in [1, 10, 100] {
        let subscriptions = || subscriptions(&query_types[..count]);
        let list = ListEventTypeCollection::from_iter(subscriptions());
        measure(&mut group, &format!("list/{count}"), &event_types[..count], |event_type| look_up(&list, event_type));
        let tree = TreeEventTypeCollection::from_iter(subscriptions());
        measure(&mut group, &format!("tree/{count}"), &event_types[..count], |event_type| look_up(&tree, event_type));
    }
}

fn build(criterion: &mut Criterion) {
    for (name, Workload { query_types, .. }) in [("w2", workloads::w2()), ("w3", workloads::w3(0))] {
        let mut group = criterion.benchmark_group(format!("collection/build/{name}"));
        group.sample_size(10).throughput(Throughput::Elements(query_types.len() as u64));
        let subscriptions = subscriptions(&query_types);
        group.bench_function("tree", |bencher| {
            let copy = || subscriptions.clone();
            bencher.iter_batched(copy, TreeEventTypeCollection::from_iter, BatchSize::LargeInput);
        });
        group.bench_function("port-fast", |bencher| {
            bencher.iter_with_large_drop(|| port::<foldhash::fast::RandomState>(&query_types))
        });
    }
}

/// Removes a value of W3 and adds it again, one after the other.
fn change(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collection/remove-add/w3");
    group.throughput(Throughput::Elements(1));
    let Workload { query_types, .. } = workloads::w3(0);
    let subscriptions = subscriptions(&query_types);

    let mut tree = TreeEventTypeCollection::from_iter(subscriptions.iter().cloned());
    let mut turn = subscriptions.iter().cycle();
    group.bench_function("tree", |bencher| {
        bencher.iter(|| {
            if let Some((subscription, value)) = turn.next() {
                tree.remove(value);
                tree.add(subscription, *value);
            }
        });
    });
    drop(tree);

    let mut port: port::Fast = port(&query_types);
    let mut turn = query_types.iter().zip(0..).cycle();
    group.bench_function("port-fast", |bencher| {
        bencher.iter(|| {
            if let Some((query_type, value)) = turn.next() {
                port.remove(value);
                port.add(query_type, value);
            }
        });
    });
}

criterion_group!(benches, get, get_of_few, build, change);
criterion_main!(benches);
