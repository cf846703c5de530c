//! Queries while others register and the file is written.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hat_event_common::{Event, EventId, Order, QueryServerParams, QueryTimeseriesParams};
use serde_json::json;

use super::{conf_with, event, open, query, server_1};

/// Whatever moment a query sees, it sees whole batches, each event once, and none is missing before the last.
#[tokio::test(flavor = "multi_thread")]
async fn queries_see_whole_batches_at_any_time() {
    const BATCHES: u64 = 300;
    let folder = tempfile::tempdir().unwrap();
    let backend =
        open(conf_with(folder.path(), json!({"flush_period": 0.001, "timeseries_max_results": 10_000}))).await;
    let registered = Arc::new(AtomicU64::new(0));
    let registering = tokio::spawn({
        let (backend, registered) = (Arc::clone(&backend), Arc::clone(&registered));
        async move {
            for session in 1..=BATCHES {
                let in_batch = |instance| {
                    let id = EventId::new(1, session, instance).unwrap();
                    Event { id, ..event(session) }
                };
                backend.register((1..=7).map(in_batch).collect()).await.unwrap();
                registered.store(session, Ordering::Release);
            }
        }
    });
    loop {
        let before = registered.load(Ordering::Acquire);
        let by_time = QueryTimeseriesParams { order: Order::Ascending, ..Default::default() };
        for events in [query(&*backend, by_time).await, query(&*backend, QueryServerParams::new(server_1())).await] {
            let found: Vec<_> = events.iter().map(|event| (event.id.session.get(), event.id.instance.get())).collect();
            let batches = found.len() as u64 / 7;
            let expected: Vec<_> =
                (1..=batches).flat_map(|session| (1..=7).map(move |instance| (session, instance))).collect();
            assert_eq!(found, expected);
            assert!(batches >= before, "{batches} batches are seen, {before} were registered before");
        }
        if before == BATCHES {
            break;
        }
    }
    registering.await.unwrap();
    backend.async_close().await;
}
