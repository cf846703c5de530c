//! `LmdbBackend`, as a server calls it, on a file in the folder for temporary ones.
//!
//! The events are those of the codec's workload, of 10,000 types in turn; each batch of 100 is a session of its own.
//! `storage/register` ends when all is on disk. Queries are asked of a million events in the file.

mod events;
mod random;

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hat_event_backends::LmdbBackend;
use hat_event_common::{
    Backend, BackendInfo, Event, EventId, MsgEventsNotify, QueryLatestParams, QueryParams, QueryTimeseriesParams, Sbs,
    Timestamp,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Without optimization nothing is measured.
const SCALE: usize = if cfg!(debug_assertions) { 100 } else { 1 };
const TYPES: usize = 10_000 / SCALE;
const STORED: usize = 1_000_000 / SCALE;
const BATCH: usize = 100;
/// So many batches are registered at once, and then are on disk.
const GROUP: usize = 1000 / SCALE;

/// Makes batches as a server decodes them, without end.
struct Batches {
    known: Vec<Event>,
    made: usize,
}

impl Batches {
    fn new() -> Self {
        Self { known: events::events(TYPES), made: 0 }
    }

    fn next(&mut self) -> Arc<[Event]> {
        let session = 1 + (self.made / BATCH) as u64;
        let timestamp = Timestamp::new(1_700_000_000 + session as i64, 0).expect("whole seconds");
        let event = |at: usize| {
            let id = EventId::new(1, session, 1 + (at % BATCH) as u64).expect("small ids");
            Event { id, timestamp, ..self.known[at % TYPES].clone() }
        };
        let message = MsgEventsNotify((self.made..self.made + BATCH).map(event).collect());
        self.made += BATCH;
        MsgEventsNotify::from_sbs_bytes(message.to_sbs_bytes()).expect("these are events").0.into()
    }
}

struct Stored {
    backend: Arc<dyn Backend>,
    batches: Batches,
    runtime: Runtime,
    _folder: TempDir,
}

impl Stored {
    fn new() -> Self {
        let (runtime, folder) = (Runtime::new().expect("a runtime"), TempDir::new().expect("a folder"));
        let conf = json!({
            "module": LmdbBackend::NAME,
            "db_path": folder.path().join("event.db"),
            "identifier": null,
            "flush_period": 1,
            "cleanup_period": 60,
            "conditions": [],
            "latest": {"subscriptions": [["*"]]},
            "timeseries": [{"order_by": "TIMESTAMP", "subscriptions": [["*"]]}],
        });
        let info: BackendInfo = LmdbBackend::info();
        let backend = runtime.block_on(info.create(conf, None, None)).expect("a backend");
        Self { backend, batches: Batches::new(), runtime, _folder: folder }
    }

    /// Registers batches, and waits until they are on disk.
    fn register(&self, batches: Vec<Arc<[Event]>>) {
        self.runtime.block_on(async {
            for batch in batches {
                self.backend.register(batch).await.expect("it is registered");
            }
            self.backend.flush().await.expect("it is written");
        });
    }

    fn group(&mut self, batches: usize) -> Vec<Arc<[Event]>> {
        (0..batches).map(|_| self.batches.next()).collect()
    }

    fn query(&self, params: impl Into<QueryParams>, expected: usize) {
        let result = self.runtime.block_on(self.backend.query(params.into())).expect("a result");
        assert_eq!(result.events.len(), expected);
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.runtime.block_on(self.backend.async_close());
    }
}

fn bench_register(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("storage/register");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(5)).sample_size(10);
    group.throughput(Throughput::Elements((GROUP * BATCH) as u64));
    let mut stored = Stored::new();
    group.bench_function("until-flushed", |bencher| {
        bencher.iter_custom(|iterations| {
            let mut time = Duration::ZERO;
            for _ in 0..iterations {
                let batches = stored.group(GROUP);
                let start = Instant::now();
                stored.register(batches);
                time += start.elapsed();
            }
            time
        });
    });
}

fn bench_queries(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("storage/query");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3)).sample_size(10);
    let mut stored = Stored::new();
    for _ in 0..STORED / BATCH / GROUP {
        let batches = stored.group(GROUP);
        stored.register(batches);
    }
    group.throughput(Throughput::Elements(TYPES as u64));
    group.bench_function("latest", |bencher| bencher.iter(|| stored.query(QueryLatestParams::default(), TYPES)));
    let page = 4096.min(STORED);
    group.throughput(Throughput::Elements(page as u64));
    group.bench_function("newest", |bencher| bencher.iter(|| stored.query(QueryTimeseriesParams::default(), page)));
    let one_type = vec![stored.batches.known[TYPES / 3].event_type.clone()];
    group.throughput(Throughput::Elements(STORED as u64));
    group.bench_function("one-type", |bencher| {
        bencher.iter(|| {
            let event_types = Some(one_type.clone());
            stored.query(QueryTimeseriesParams { event_types, ..QueryTimeseriesParams::default() }, STORED / TYPES);
        });
    });
}

criterion_group!(benches, bench_register, bench_queries);
criterion_main!(benches);
