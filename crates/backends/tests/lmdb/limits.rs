//! Limits of partitions.

use std::time::Duration;

use hat_event_common::{Event, QueryTimeseriesParams, Timestamp};
use serde_json::{Value, json};

use super::{conf_with, event, open, query, sessions};

async fn kept(limit: Value, events: Vec<Event>, expected: usize) -> Vec<u64> {
    let folder = tempfile::tempdir().unwrap();
    let timeseries = json!([{"order_by": "TIMESTAMP", "subscriptions": [["*"]], "limit": limit}]);
    let conf = json!({"cleanup_period": 0.01, "timeseries": timeseries, "latest": {"subscriptions": []}});
    let backend = open(conf_with(folder.path(), conf)).await;
    backend.register(events.into()).await.unwrap();
    backend.flush().await.unwrap();
    for _ in 0..500 {
        if query(&*backend, QueryTimeseriesParams::default()).await.len() <= expected {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Whether it stays so.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let of_server = sessions(&*backend).await;
    let by_time = query(&*backend, QueryTimeseriesParams::default()).await;
    let mut by_time: Vec<u64> = by_time.iter().map(|event| event.id.session.get()).collect();
    by_time.reverse();
    assert_eq!(by_time, of_server, "what is gone is gone everywhere");
    backend.async_close().await;
    of_server
}

#[tokio::test]
async fn the_oldest_go_when_there_are_too_many() {
    let events = || (1..=100).map(event).collect();
    assert_eq!(kept(json!({"max_entries": 10}), events(), 10).await, (91..=100).collect::<Vec<_>>());
    assert_eq!(kept(json!({"max_entries": 10, "min_entries": 20}), events(), 20).await.len(), 20);
    assert_eq!(kept(json!({"size": 1}), events(), 0).await, [0; 0]);
}

#[tokio::test]
async fn the_old_go() {
    let now = Timestamp::now();
    let mut events: Vec<Event> = (1..=10).map(event).collect();
    for event in &mut events[5..] {
        event.timestamp = now;
    }
    assert_eq!(kept(json!({"duration": 3600.5}), events.clone(), 5).await, [6, 7, 8, 9, 10]);
    assert_eq!(kept(json!({"duration": 3600, "min_entries": 7}), events, 7).await, [4, 5, 6, 7, 8, 9, 10]);
}

#[tokio::test]
async fn more_than_one_transaction_removes_goes_too() {
    let events = (1..=10_000).map(event).collect();
    assert_eq!(kept(json!({"max_entries": 100}), events, 100).await.len(), 100);
}
