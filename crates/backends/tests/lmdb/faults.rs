//! A file that cannot grow.

use std::sync::Arc;

use hat_event_common::{Backend, BackendError, Event, EventPayload, QueryLatestParams};
use serde_json::{Value, json};

use super::{conf_with, event, event_with, open, query, sessions};

/// A file of 1 MiB, which a few large events fill.
fn small(folder: &std::path::Path, durability: &str) -> Value {
    let limits = json!({"db_size": 1 << 20});
    let timeseries = json!([{"order_by": "TIMESTAMP", "subscriptions": [["*"]], "limit": {"max_entries": 2}}]);
    conf_with(
        folder,
        json!({"durability": durability, "limits": limits, "timeseries": timeseries, "flush_period": 0.01, "cleanup_period": 0.2}),
    )
}

fn large(number: u64) -> Event {
    event_with(number, "large", Some(EventPayload::binary("", vec![7; 100_000])))
}

async fn register(backend: &dyn Backend, event: Event) -> Result<(), String> {
    match backend.register(Arc::new([event])).await {
        Ok(_) => Ok(()),
        Err(BackendError::Refused(reason)) => Err(reason.to_string()),
        Err(error) => panic!("{error}"),
    }
}

const FULL: &str = "the database is full: it has reached the size that is configured as limits.db_size";

#[tokio::test]
async fn a_full_file_refuses_what_is_to_be_flushed_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(small(folder.path(), "flushed")).await;
    let mut number = 1;
    let reason = loop {
        if let Err(reason) = register(&*backend, large(number)).await {
            break reason;
        }
        number += 1;
        assert!(number < 50, "it never got full");
    };
    assert_eq!(reason, FULL);
    let before: Vec<u64> = (1..number).collect();
    let kept = sessions(&*backend).await;
    assert!(kept.iter().all(|session| before.contains(session)), "{kept:?}: nothing of what was refused is kept");
    assert_eq!(query(&*backend, QueryLatestParams::default()).await[0], large(number - 1), "nor is it the latest");

    // The limit makes room, without a restart.
    let mut tries = 0;
    while register(&*backend, large(number + 1)).await.is_err() {
        tries += 1;
        assert!(tries < 100, "it never recovered");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(query(&*backend, QueryLatestParams::default()).await[0], large(number + 1));
    backend.async_close().await;
}

#[tokio::test]
async fn a_full_file_keeps_what_was_answered_and_recovers() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(small(folder.path(), "memory")).await;
    let mut number = 1;
    let reason = loop {
        if let Err(reason) = register(&*backend, large(number)).await {
            break reason;
        }
        number += 1;
        assert!(number < 1000, "it never got full");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    };
    assert_eq!(reason, FULL);
    assert_eq!(query(&*backend, QueryLatestParams::default()).await[0], large(number - 1));

    let mut tries = 0;
    while register(&*backend, event(number + 1)).await.is_err() {
        tries += 1;
        assert!(tries < 100, "it never recovered");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    backend.flush().await.unwrap();
    backend.async_close().await;
    let backend = open(small(folder.path(), "memory")).await;
    let latest = query(&*backend, QueryLatestParams::default()).await;
    assert!(latest.contains(&large(number - 1)) && latest.contains(&event(number + 1)), "what was answered is there");
    backend.async_close().await;
}

#[tokio::test]
async fn what_never_fits_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let backend = open(small(folder.path(), "memory")).await;
    let huge = event_with(1, "huge", Some(EventPayload::binary("", vec![7; 2 << 20])));
    let reason = register(&*backend, huge).await.unwrap_err();
    assert_eq!(reason, "4194316 bytes do not fit into a database of 1048576");
    register(&*backend, event(2)).await.unwrap();
    backend.flush().await.unwrap();
    backend.async_close().await;
}

#[tokio::test]
async fn a_full_backlog_waits_and_does_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let conf = conf_with(folder.path(), json!({"limits": {"backlog_events": 10}}));
    let backend = open(conf).await;
    // The flush period is an hour: without the backlog's limit nothing would be written for that long.
    for number in 1..=500 {
        backend.register([event(number)].into()).await.unwrap();
    }
    let batch: Vec<Event> = (501..=600).map(event).collect();
    backend.register(batch.into()).await.unwrap();
    assert_eq!(sessions(&*backend).await.len(), 600);
    backend.async_close().await;
}
