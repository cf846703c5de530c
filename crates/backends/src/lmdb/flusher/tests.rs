//! What others see between two steps of writing. There is no thread: the steps are called one by one.

use hat_event_common::{EventId, EventPayload, EventType, Lifecycle, RegisterEvent};
use serde_json::json;
use tokio::runtime::Handle;

use super::*;
use crate::lmdb::conf::Conf;
use crate::lmdb::layout::Table;

fn flusher(folder: &std::path::Path, durability: &str) -> Flusher {
    let conf = json!({
        "durability": durability,
        "db_path": folder.join("event.db"), "flush_period": 3600, "cleanup_period": 3600, "limits": {"db_size": 1 << 20},
        "latest": {"subscriptions": [["*"]]}, "timeseries": [{"order_by": "TIMESTAMP", "subscriptions": [["*"]]}],
    });
    let shared = Shared::open(Conf::read(&conf).unwrap(), Lifecycle::new(), None, Handle::current()).unwrap();
    let environment = shared.state().environment.clone().unwrap();
    let last_transaction = environment.last_transaction();
    Flusher { shared: Closing(Arc::new(shared)), environment, mapping: None, last_transaction, written: 0 }
}

/// Adds events, each of its own session, of so many bytes.
fn add(flusher: &Flusher, sessions: std::ops::Range<u64>, len: usize) {
    let event = |session| {
        let payload = Some(EventPayload::binary("", vec![7; len]));
        RegisterEvent { event_type: EventType::from(["a"]), source_timestamp: None, payload }
            .register(id(session), Timestamp::new(session as i64, 0).unwrap())
    };
    flusher.shared.0.add(&sessions.map(event).collect(), 1).unwrap();
}

fn id(session: u64) -> EventId {
    EventId::new(1, session, 1).unwrap()
}

#[tokio::test]
async fn what_does_not_fit_is_seen_after_a_transaction_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut flusher = flusher(folder.path(), "memory");
    add(&flusher, 1..21, 100_000);
    let layer = flusher.shared.0.state().seal(1);
    write(&layer).sort();
    let layers = |flusher: &Flusher| flusher.shared.0.state().snapshot().unwrap().unwrap().layers.len();
    assert_eq!(layers(&flusher), 1);
    assert!(matches!(flusher.try_write(&layer), Err(Failure::Full)));
    assert_eq!(layers(&flusher), 1);
    assert!(flusher.step().is_ok());
    assert_eq!(layers(&flusher), 1, "it is in the file as little as before");
}

#[tokio::test]
async fn what_was_refused_is_not_reserved_later() {
    let folder = tempfile::tempdir().unwrap();
    let mut flusher = flusher(folder.path(), "memory");
    let shared = Arc::clone(&flusher.shared.0);
    let last = || shared.state().system.last_id(1.into());
    drop(shared.flush(Some(id(5))).unwrap());
    assert!(flusher.flush().unwrap());
    assert_eq!(last(), id(5));

    add(&flusher, 6..8, 10);
    let refused = [shared.flush(Some(id(1000))).unwrap(), shared.flush(Some(id(100))).unwrap()];
    shared.state().seal(1);
    add(&flusher, 8..9, 10);
    let also_refused = shared.flush(Some(id(2000))).unwrap();
    flusher.not_written("the disk is full");
    for waiting in refused.into_iter().chain([also_refused]) {
        assert_eq!(waiting.await.unwrap().unwrap_err().as_ref(), "the disk is full");
    }
    let layer = Arc::clone(&shared.state().flushing.as_ref().unwrap().layer);
    assert_eq!(read(&layer).system.iter().map(|(_, last)| last.id).collect::<Vec<_>>(), [Some(id(7))]);
    assert!(flusher.flush().unwrap());
    assert_eq!(last(), id(8));
}

#[tokio::test]
async fn another_writer_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut flusher = flusher(folder.path(), "memory");
    add(&flusher, 1..2, 10);
    let environment = Arc::clone(&flusher.environment);
    let mut writing = environment.write().unwrap();
    touch(&environment, &mut writing).unwrap();
    // The other one is in the middle of it when this one begins.
    let flushing = thread::spawn(move || flusher.flush().map_err(|error| error.to_string()));
    thread::yield_now();
    writing.commit().unwrap();
    let error = flushing.join().unwrap().unwrap_err();
    assert!(error.starts_with("another process has written into it"), "{error}");
}

#[tokio::test]
async fn what_was_taken_back_leaves_nothing_to_write() {
    let folder = tempfile::tempdir().unwrap();
    let mut flusher = flusher(folder.path(), "flushed");
    let shared = Arc::clone(&flusher.shared.0);
    add(&flusher, 1..21, 100_000);
    assert!(!flusher.flush().unwrap(), "it does not fit");
    // The type has a number now, which is not in the file.
    let before = flusher.environment.last_transaction();
    let waiting = shared.flush(None).unwrap();
    assert!(flusher.flush().unwrap() && waiting.await.unwrap().is_ok());
    assert_eq!(flusher.environment.last_transaction(), before);

    add(&flusher, 21..22, 10);
    assert!(flusher.flush().unwrap());
    let reading = flusher.environment.read().unwrap();
    let count = |table| flusher.environment.table(table).len(&reading).unwrap();
    assert_eq!((count(Table::LatestTypes), count(Table::LatestEvents), count(Table::Refs)), (1, 1, 1));
}
