//! Ids and time never go back.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hat_event_backends::backends;
use hat_event_common::{Backend, Engine, Resource, Timestamp, import_backend_info};
use serde_json::{Value, json};

use super::{Calls, backend, client, create, event, lock, sessions_with, try_create};

fn lmdb(folder: &std::path::Path) -> Value {
    json!({
        "module": "hat.event.backends.lmdb",
        "db_path": folder.join("event.db"),
        "identifier": null,
        "flush_period": 3600,
        "cleanup_period": 3600,
        "conditions": [],
        "latest": {"subscriptions": [["*"]]},
        "timeseries": [],
    })
}

async fn open(conf: Value) -> Arc<dyn Backend> {
    import_backend_info(&backends(), "hat.event.backends.lmdb").unwrap().create(conf, None, None).await.unwrap()
}

/// The session of an event that is registered.
async fn next(engine: &impl Engine) -> u64 {
    engine.register(client(1), vec![event("a")]).await.unwrap().unwrap()[0].id.session.get()
}

#[tokio::test]
async fn a_clock_that_is_set_back_is_waited_for() {
    let (backend, log) = backend();
    let now = Arc::new(AtomicI64::new(100));
    let clock = Arc::clone(&now);
    let sessions = sessions_with(&backend, move || Timestamp::new(clock.load(Ordering::Relaxed), 0).unwrap()).await;
    let engine = try_create(&backend, Arc::clone(&sessions), &[], &Calls::default()).await.unwrap();
    for (time, held) in [(101, 0), (90, 1), (100, 2), (101, 2), (105, 2), (104, 3)] {
        now.store(time, Ordering::Relaxed);
        next(&engine).await;
        assert_eq!(sessions.lock().await.held(), held, "at {time}");
    }
    engine.async_close().await;
    let times: Vec<_> = lock(&log).iter().map(|batch| batch[0].timestamp.s()).collect();
    assert_eq!(times, [100, 101, 101, 101, 101, 105, 105, 105]);
}

#[tokio::test]
async fn a_clock_behind_the_database_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for time in [100, 50] {
        let backend = open(lmdb(folder.path())).await;
        let sessions = sessions_with(&backend, move || Timestamp::new(time, 0).unwrap()).await;
        let engine = try_create(&backend, sessions, &[], &Calls::default()).await.unwrap();
        let events = engine.register(client(1), vec![event("a")]).await.unwrap().unwrap();
        assert_eq!(events[0].timestamp.s(), 100);
        engine.async_close().await;
        backend.async_close().await;
    }
}

#[tokio::test]
async fn a_clean_stop_leaves_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = 1;
    for _ in 0..3 {
        let backend = open(lmdb(folder.path())).await;
        let engine = create(&backend, &[], &Calls::default()).await;
        assert_eq!([next(&engine).await, next(&engine).await], [first + 1, first + 2]);
        engine.async_close().await;
        first += 4;
        backend.async_close().await;
    }
}

#[tokio::test]
async fn after_a_crash_ids_go_on_behind_all_that_were_given_out() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(lmdb(folder.path())).await;
    let engine = create(&backend, &[], &Calls::default()).await;
    let given = next(&engine).await;
    // What a crash leaves is what is on disk; nothing was flushed.
    let crashed = tempfile::tempdir().unwrap();
    std::fs::copy(folder.path().join("event.db"), crashed.path().join("event.db")).unwrap();
    engine.async_close().await;
    backend.async_close().await;

    let backend = open(lmdb(crashed.path())).await;
    let engine = create(&backend, &[], &Calls::default()).await;
    let again = next(&engine).await;
    assert!(again > given, "{again} after {given}");
    engine.async_close().await;
    backend.async_close().await;
}

#[tokio::test]
async fn ids_that_nobody_keeps_are_not_given_out_again_by_the_next_engine() {
    let folder = tempfile::tempdir().unwrap();
    let mut conf = lmdb(folder.path());
    conf["latest"] = json!({"subscriptions": [["kept"]]});
    let backend = open(conf.clone()).await;
    let engine = create(&backend, &[], &Calls::default()).await;
    let given = next(&engine).await;
    engine.async_close().await;
    backend.async_close().await;
    let backend = open(conf).await;
    let engine = create(&backend, &[], &Calls::default()).await;
    assert!(next(&engine).await > given);
    engine.async_close().await;
    backend.async_close().await;
}
