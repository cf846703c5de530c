//! The suite passes a backend that conforms, and finds what is wrong with those that do not.

mod double;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{Storage, Subject, check};
use crate::{BackendInfo, SchemaRepository};

use double::{Double, Fault, Store};

fn subject(fault: Fault, storage: Storage) -> Subject {
    let stores = Arc::new(Mutex::new(BTreeMap::<String, Arc<Store>>::new()));
    let info = BackendInfo::new(move |conf, registered_cb, flushed_cb| {
        let store = match storage {
            _ if fault == Fault::ForgetsWhenClosed => Arc::default(),
            Storage::Persistent => Arc::clone(stores.lock().unwrap().entry(conf["path"].to_string()).or_default()),
            _ => Arc::default(),
        };
        async move { Ok(Double::new(fault, store, registered_cb, flushed_cb)) }
    });
    let mut repo = SchemaRepository::new();
    repo.add(json!({"$id": "test://double.yaml", "required": ["path"]})).unwrap();
    let paths = Mutex::new(0..);
    Subject::new(
        info.with_schema("test://double.yaml", repo),
        storage,
        move || json!({"path": paths.lock().unwrap().next()}),
    )
}

async fn outcome(fault: Fault, storage: Storage) -> String {
    check(&subject(fault, storage)).await.map_or_else(|error| error.to_string(), |()| "conforms".to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_without_faults_conforms() {
    for storage in [Storage::WhileOpen, Storage::Persistent] {
        assert_eq!(outcome(Fault::None, storage).await, "conforms");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_events_does_not_keep_nothing() {
    assert!(outcome(Fault::None, Storage::Nothing).await.contains("a server without events"));
}

/// The fault is found, and the message says it.
async fn check_found(fault: Fault, message: &str) {
    let outcome = outcome(fault, Storage::Persistent).await;
    assert!(outcome.contains(message), "{fault:?}: {outcome}");
}

#[tokio::test]
async fn faults_of_queries_are_found() {
    for (fault, message) in [
        (Fault::LosesLastResult, "events are missing"),
        (Fault::NeverFollows, "events are missing"),
        (Fault::AlwaysFollows, "more_follows is true"),
        (Fault::EmptyPage, "an empty page"),
        (Fault::IgnoresMaxResults, "more than max_results"),
        (Fault::Reverses, "wrong events"),
        (Fault::IgnoresLastEventId, "wrong events"),
        (Fault::RepeatsLastEvent, "wrong events"),
        (Fault::UnknownLastEventStartsOver, "wrong events"),
        (Fault::ExclusiveTo, "QueryTimeseriesParams"),
        (Fault::ExclusiveFrom, "QueryTimeseriesParams"),
        (Fault::ExclusiveSourceTo, "QueryTimeseriesParams"),
        (Fault::FindsUndated, "wrong events"),
        (Fault::UndatedInSourceOrder, "wrong events"),
        (Fault::OldestAsLatest, "QueryLatestParams"),
        (Fault::SeveralLatest, "several events of one type"),
        (Fault::LatestByTimeAlone, "QueryLatestParams"),
        (Fault::MixesServers, "QueryServerParams"),
        (Fault::TakesAnyQuery, "contradicts itself"),
        (Fault::InvalidQueryCloses, "closed the backend"),
    ] {
        check_found(fault, message).await;
    }
}

#[tokio::test]
async fn faults_of_registration_are_found() {
    for (fault, message) in [
        (Fault::Refuses, "refused a batch"),
        (Fault::ReturnsPart, "and returned"),
        (Fault::ChangesEvents, "came back changed"),
        (Fault::RegistersKnown, "known events were registered again"),
        (Fault::AnyServersLastId, "get_last_event_id gave"),
        (Fault::OneByOne, "only some were seen"),
        (Fault::CallsBackTooEarly, "and a query then found"),
        (Fault::CallsBackNever, "the registered callback was called with []"),
        (Fault::FlushesNever, "the flushed callback was called with []"),
        (Fault::FlushesTwice, "the flushed callback was called with"),
        (Fault::FlushesInReverse, "the flushed callback was called with"),
        (Fault::FlushesTheNewest, "the flushed callback got of one server"),
        (Fault::FlushesInOrderOfCallbacks, "were registered, one after the other, and the flushed callback"),
        (Fault::StopsWhenDropped, "did not come to its end"),
    ] {
        check_found(fault, message).await;
    }
}

#[tokio::test]
async fn faults_of_closing_are_found() {
    for (fault, message) in [
        (Fault::IdAfterClose, "get_last_event_id does not fail with closed"),
        (Fault::RegistersAfterClose, "register does not fail with closed"),
        (Fault::QueriesAfterClose, "query does not fail with closed"),
        (Fault::FlushesAfterClose, "flush does not fail with closed"),
        (Fault::LosesUnflushed, "or the backend was closed"),
        (Fault::IsNeverClosed, "not closed"),
        (Fault::ForgetsWhenClosed, "made again"),
        (Fault::ForgetsReservations, "reserved, get_last_event_id gave"),
        (Fault::NeverReserves, "reserved, get_last_event_id gave"),
    ] {
        check_found(fault, message).await;
    }
}
