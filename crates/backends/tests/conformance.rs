//! Every backend of this crate is held to the contract.

use std::sync::atomic::{AtomicUsize, Ordering};

use hat_event_backends::backends;
use hat_event_common::conformance::{self, Storage, Subject};
use hat_event_common::import_backend_info;
use serde_json::json;

async fn check(name: &'static str, storage: Storage) {
    let info = import_backend_info(&backends(), name).unwrap().clone();
    let subject = Subject::new(info, storage, move || json!({ "module": name }));
    if let Err(error) = conformance::check(&subject).await {
        panic!("{name}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn dummy() {
    check("hat.event.backends.dummy", Storage::Nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memory() {
    check("hat.event.backends.memory", Storage::WhileOpen).await;
}

#[tokio::test]
async fn memory_in_one_thread() {
    check("hat.event.backends.memory", Storage::WhileOpen).await;
}

/// Checks the LMDB backend, each time on a new file.
async fn check_lmdb(durability: &'static str) {
    let folder = tempfile::tempdir().unwrap();
    let info = import_backend_info(&backends(), "hat.event.backends.lmdb").unwrap().clone();
    let (files, path) = (AtomicUsize::new(0), folder.path().to_owned());
    let subject = Subject::new(info, Storage::Persistent, move || {
        let all = json!([["*"]]);
        json!({
            "module": "hat.event.backends.lmdb",
            "db_path": path.join(format!("{}.db", files.fetch_add(1, Ordering::Relaxed))),
            "identifier": null,
            "flush_period": 0.05,
            "cleanup_period": 1,
            "conditions": [],
            "latest": {"subscriptions": all},
            "timeseries": [
                {"order_by": "TIMESTAMP", "subscriptions": all},
                {"order_by": "SOURCE_TIMESTAMP", "subscriptions": all},
            ],
            "durability": durability,
        })
    });
    if let Err(error) = conformance::check(&subject).await {
        panic!("{durability}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_in_memory_first() {
    check_lmdb("memory").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lmdb_flushed() {
    check_lmdb("flushed").await;
}

#[tokio::test]
async fn lmdb_in_one_thread() {
    check_lmdb("memory").await;
}

#[test]
fn all_are_listed() {
    let names = ["hat.event.backends.dummy", "hat.event.backends.lmdb", "hat.event.backends.memory"];
    assert_eq!(backends().names().collect::<Vec<_>>(), names);
}
