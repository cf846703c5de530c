//! Every backend of this crate is held to the contract.

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

#[test]
fn all_are_listed() {
    let names = ["hat.event.backends.dummy", "hat.event.backends.memory"];
    assert_eq!(backends().names().collect::<Vec<_>>(), names);
}
