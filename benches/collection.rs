//! `TreeEventTypeCollection`: looking up, building and changing, against its peers.
//!
//! A contestant is made when its measurement is asked for, and first has to find what the others find.

mod decoded;
mod peers;
mod random;
mod workloads;

use std::cell::LazyCell;
use std::hash::BuildHasherDefault;
use std::time::Duration;

use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use hat_event_common::{EventType, EventTypeCollection, ListEventTypeCollection, TreeEventTypeCollection};
use peers::Contestant;
use peers::floor::Floor;
use peers::mqtt::Mqtt;
use peers::port::{self, Port};
use peers::zenoh::Zenoh;
use workloads::{Fnv, Workload};

type Tree = TreeEventTypeCollection<u32>;

/// So many events are looked up in one measured piece.
const PIECE: usize = 1000;

/// Events of W3, so many that their types do not stay in a cache. Without optimization nothing is measured.
const EVENTS: usize = if cfg!(debug_assertions) { 10_000 } else { 1_000_000 };

/// What is to be found for each event type.
type Expected<'a> = LazyCell<Vec<Vec<u32>>, Box<dyn FnOnce() -> Vec<Vec<u32>> + 'a>>;

/// Look-ups of one workload.
struct Get<'a> {
    group: BenchmarkGroup<'a, WallTime>,
    workload: &'a Workload,
    expected: Expected<'a>,
}

impl<'a> Get<'a> {
    fn new(criterion: &'a mut Criterion, name: &str, workload: &'a Workload) -> Self {
        let mut group = criterion.benchmark_group(name);
        group.warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(3)).sample_size(50);
        group.throughput(Throughput::Elements(PIECE.min(workload.event_types.len()) as u64));
        let find_all = || {
            let tree = Tree::build(Tree::items(&workload.query_types));
            workload.event_types.iter().map(|event_type| tree.find(event_type)).collect()
        };
        Self { group, workload, expected: LazyCell::new(Box::new(find_all)) }
    }

    /// Measures a contestant that finds all.
    fn all<C: Contestant>(&mut self, name: &str) -> &mut Self {
        self.measure::<C>(name, |found, expected| found == expected)
    }

    /// Measures a contestant that finds some, as it knows exact query types only.
    fn exact_only<C: Contestant>(&mut self, name: &str) -> &mut Self {
        self.measure::<C>(name, |found, expected| found.iter().all(|value| expected.contains(value)))
    }

    /// Measures looking up event types, [`PIECE`] after [`PIECE`] in turn.
    fn measure<C: Contestant>(&mut self, name: &str, is_right: fn(&[u32], &[u32]) -> bool) -> &mut Self {
        let Self { group, workload, expected } = self;
        let made = LazyCell::new(|| {
            let collection = C::build(C::items(&workload.query_types));
            let keys = C::keys(&workload.event_types);
            for ((key, expected), event_type) in keys.iter().zip(&**expected).zip(&workload.event_types) {
                let found = collection.find(key);
                assert!(is_right(&found, expected), "{name} finds {found:?} for {event_type}, and not {expected:?}");
            }
            (collection, keys)
        });
        let mut at = 0;
        group.bench_function(name, |bencher| {
            let (collection, keys) = &*made;
            let piece = PIECE.min(keys.len());
            bencher.iter(|| {
                at = if at + piece > keys.len() { 0 } else { at };
                let keys = &keys[at..at + piece];
                at += piece;
                keys.iter().map(|key| collection.sum(key)).fold(0, u64::wrapping_add)
            });
        });
        self
    }
}

fn get(criterion: &mut Criterion) {
    let w2 = workloads::w2();
    Get::new(criterion, "collection/get/w2", &w2)
        .all::<Tree>("tree")
        .all::<port::Fast>("port-fast")
        .all::<port::Std>("port-std")
        .all::<Zenoh>("zenoh")
        .all::<Mqtt>("mqtt")
        .all::<Floor>("floor");

    let w3 = workloads::w3(EVENTS);
    Get::new(criterion, "collection/get/w3", &w3)
        .all::<Tree>("tree")
        .all::<port::Fast>("port-fast")
        .all::<port::Std>("port-std")
        .all::<Zenoh>("zenoh")
        .all::<Mqtt>("mqtt")
        .exact_only::<Floor>("floor-exact-only");

    for (name, workload) in workloads::w4() {
        let mut get = Get::new(criterion, &format!("collection/get/w4-{name}"), &workload);
        get.all::<Tree>("tree").all::<port::Fast>("port-fast").all::<Zenoh>("zenoh").all::<Mqtt>("mqtt");
        if name == "collisions" {
            // What happens to those whose hashes can be foreseen.
            get.all::<Port<BuildHasherDefault<Fnv>>>("port-fnv");
        }
    }
}

/// The list is for few values.
fn get_of_few(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collection/get/few");
    let Workload { query_types, event_types } = workloads::w2();
    for count in [1, 10, 100] {
        let items = || Tree::items(&query_types[..count]).into_iter();
        let mut measure = |name: &str, collection: &dyn EventTypeCollection<u32>| {
            group.throughput(Throughput::Elements(count as u64));
            group.bench_function(format!("{name}/{count}"), |bencher| {
                bencher.iter(|| {
                    let mut sum = 0u64;
                    for event_type in &event_types[..count] {
                        collection.visit(event_type, &mut |value| sum += u64::from(*value));
                    }
                    sum
                });
            });
        };
        measure("list", &items().collect::<ListEventTypeCollection<_>>());
        measure("tree", &items().collect::<Tree>());
    }
}

fn build_one<C: Contestant>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, query_types: &[EventType]) {
    let items = LazyCell::new(|| C::items(query_types));
    group.bench_function(name, |bencher| {
        bencher.iter_batched(|| items.clone(), C::build, BatchSize::LargeInput);
    });
}

fn build(criterion: &mut Criterion) {
    for (name, Workload { query_types, .. }) in [("w2", workloads::w2()), ("w3", workloads::w3(0))] {
        let mut group = criterion.benchmark_group(format!("collection/build/{name}"));
        group.sample_size(10).throughput(Throughput::Elements(query_types.len() as u64));
        build_one::<Tree>(&mut group, "tree", &query_types);
        build_one::<port::Fast>(&mut group, "port-fast", &query_types);
        build_one::<Zenoh>(&mut group, "zenoh", &query_types);
        build_one::<Mqtt>(&mut group, "mqtt", &query_types);
    }
}

/// Removes a value and adds it again, one value after the other, and checks that all of them are there afterwards.
fn change_one<C: Contestant>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, workload: &Workload) {
    let made = LazyCell::new(|| {
        let items = C::items(&workload.query_types);
        let keys = C::keys(&workload.event_types);
        let collection = C::build(items.clone());
        let expected: Vec<_> = keys.iter().map(|key| collection.find(key)).collect();
        (items, keys, collection, expected)
    });
    let mut made = made;
    let mut at = 0;
    group.bench_function(name, |bencher| {
        let (items, keys, collection, expected) = LazyCell::force_mut(&mut made);
        bencher.iter(|| {
            let (query, value) = &items[at];
            at = (at + 1) % items.len();
            collection.remove(query, *value);
            collection.add(query, *value);
        });
        let found = keys.iter().map(|key| collection.find(key));
        assert!(found.eq(expected.iter().cloned()), "{name} has lost a value or has found it again");
    });
}

fn change(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("collection/remove-add/w3");
    group.throughput(Throughput::Elements(1));
    let w3 = workloads::w3(1000);
    change_one::<Tree>(&mut group, "tree", &w3);
    change_one::<port::Fast>(&mut group, "port-fast", &w3);
    change_one::<Zenoh>(&mut group, "zenoh", &w3);
    change_one::<Mqtt>(&mut group, "mqtt", &w3);
}

criterion_group!(benches, get, get_of_few, build, change);
criterion_main!(benches);
