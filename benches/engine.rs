//! Sessions of `ServerEngine` on a backend that keeps nothing: what an engine costs beside it.
//!
//! `engine/session` has no modules. `engine/modules` has a thousand, and ten rounds in which they answer.

mod answering;
mod events;
mod random;

use std::time::Duration;

use answering::Workload;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hat_event_common::RegisterEvent;
use hat_event_server::engine::ServerEngine;
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// One session; the backend answers at once.
fn session(runtime: &Runtime, engine: &ServerEngine, events: Vec<RegisterEvent>) {
    let count = events.len();
    let registered = runtime.block_on(engine.register_shared(answering::source(), events));
    assert_eq!(registered.ok().flatten().map(|events| events.len()), Some(count));
}

fn bench_session(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine/session");
    let runtime = runtime();
    let engine = runtime.block_on(answering::engine(&[], None)).expect("an engine");
    for size in [1, 100] {
        let events: Vec<RegisterEvent> = events::events(size)
            .into_iter()
            .map(|event| RegisterEvent {
                event_type: event.event_type,
                source_timestamp: event.source_timestamp,
                payload: event.payload,
            })
            .collect();
        group.throughput(Throughput::Elements(size as u64));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter_batched(|| events.clone(), |events| session(&runtime, &engine, events), BatchSize::SmallInput);
        });
    }
}

fn bench_modules(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine/modules");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2)).sample_size(10);
    let runtime = runtime();
    for Workload { name, confs, events, count } in [answering::own(), answering::every()] {
        let engine = runtime.block_on(answering::engine(&confs, None)).expect("an engine");
        group.throughput(Throughput::Elements(count));
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| events.clone(), |events| session(&runtime, &engine, events), BatchSize::SmallInput);
        });
    }
}

criterion_group!(benches, bench_session, bench_modules);
criterion_main!(benches);
