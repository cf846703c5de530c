//! `MemoryBackend::register`, as a server calls it: with batches of events decoded from one received buffer each.
//!
//! The events are those of the codec's workload, of types that come at random; each batch is a session of its own.
//! Calls are polled by hand, as none has to wait: what is measured is the call, its boxed future included, and no runtime.
//!
//! | store | event types | has, at the beginning |
//! |---|---|---|
//! | `small` | 1,000 | an event of each; it is made anew after 10,000 more |
//! | `large` | 100,000 | a million events; it is made anew after as many more |
//!
//! `backends/call` is what a call costs beside its events: it has none.

mod events;
mod random;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use hat_event_backends::MemoryBackend;
use hat_event_common::{Backend, Event, EventId, EventsCb, MsgEventsNotify, Sbs, Timestamp};
use random::Random;

/// Without optimization nothing is measured.
const SCALE: usize = if cfg!(debug_assertions) { 100 } else { 1 };

/// So many events are made at once and then registered: few enough to be in the cache, as what was just decoded is.
const GROUP: usize = 1000;

/// Makes batches as a server decodes them, without end.
struct Batches {
    known: Vec<Event>,
    random: Random,
    session: u64,
}

impl Batches {
    fn new(types: usize) -> Self {
        Self { known: events::events(types), random: Random(2), session: 0 }
    }

    /// The events of every type in turn.
    fn of_all_types(&mut self) -> Vec<Arc<[Event]>> {
        let types: Vec<usize> = (0..self.known.len()).collect();
        types.chunks(100).map(|types| self.batch(types)).collect()
    }

    /// A group of batches of events of any type.
    fn group(&mut self, batches: usize, size: usize) -> Vec<Arc<[Event]>> {
        let mut types = || (0..size).map(|_| self.random.below(self.known.len() as u64) as usize).collect::<Vec<_>>();
        let types: Vec<Vec<usize>> = (0..batches).map(|_| types()).collect();
        types.iter().map(|types| self.batch(types)).collect()
    }

    fn batch(&mut self, types: &[usize]) -> Arc<[Event]> {
        self.session += 1;
        let timestamp = Timestamp::new(1_700_000_000 + self.session as i64, 0).expect("whole seconds");
        let event = |(instance, of): (usize, &usize)| {
            let known = &self.known[*of];
            let id = EventId::new(1, self.session, 1 + instance as u64).expect("small ids");
            Event { id, timestamp, source_timestamp: known.source_timestamp.map(|_| timestamp), ..known.clone() }
        };
        let message = MsgEventsNotify(types.iter().enumerate().map(event).collect());
        MsgEventsNotify::from_sbs_bytes(message.to_sbs_bytes()).expect("these are events").0.into()
    }
}

/// A backend, and how many events it may get before there is a new one.
struct Filled {
    backend: MemoryBackend,
    room: usize,
}

impl Filled {
    /// With so many events, of all types.
    fn new(batches: &mut Batches, events: usize) -> Self {
        let filled = Self { backend: MemoryBackend::new(None, None), room: events.max(10 * GROUP) };
        batches.of_all_types().into_iter().for_each(|batch| register(&filled.backend, batch));
        for _ in 0..events.saturating_sub(batches.known.len()) / GROUP {
            batches.group(GROUP / 100, 100).into_iter().for_each(|batch| register(&filled.backend, batch));
        }
        filled
    }
}

fn register(backend: &MemoryBackend, batch: Arc<[Event]>) {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(backend.register(batch)).poll(&mut context) {
        Poll::Ready(Ok(Some(_))) => {}
        other => panic!("a batch is not registered at once: {other:?}"),
    }
}

fn bench_register(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("backends/register");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(1)).sample_size(20);
    for (name, types, events) in [("small", 1000, 1000), ("large", 100_000 / SCALE, 1_000_000 / SCALE)] {
        let mut batches = Batches::new(types);
        // Made before, as criterion takes for work what is done while it warms up.
        let mut filled = Some(Filled::new(&mut batches, events));
        for size in [1, 100] {
            group.throughput(Throughput::Elements(size as u64));
            group.bench_function(BenchmarkId::new(name, size), |bencher| {
                bencher.iter_custom(|iterations| {
                    let (mut left, mut time) = (iterations as usize, Duration::ZERO);
                    while left > 0 {
                        let count = left.min(GROUP / size);
                        left -= count;
                        let store = filled.take_if(|filled: &mut Filled| filled.room < count * size);
                        drop(store);
                        let filled = filled.get_or_insert_with(|| Filled::new(&mut batches, events));
                        filled.room -= count * size;
                        let made = batches.group(count, size);
                        // Whoever gave a batch goes on with it, so it is not dropped here.
                        let given = made.clone();
                        let start = Instant::now();
                        made.into_iter().for_each(|batch| register(&filled.backend, batch));
                        time += start.elapsed();
                        drop(given);
                    }
                    time
                });
            });
        }
    }
}

fn bench_call(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("backends/call");
    let callback = || Some(EventsCb::new(|_| async {}));
    for (name, backend) in
        [("alone", MemoryBackend::new(None, None)), ("with-callbacks", MemoryBackend::new(callback(), callback()))]
    {
        let batch: Arc<[Event]> = [].into();
        group.bench_function(name, |bencher| bencher.iter(|| register(&backend, Arc::clone(&batch))));
    }
}

criterion_group!(benches, bench_register, bench_call);
criterion_main!(benches);
