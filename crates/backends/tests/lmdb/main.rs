//! What the LMDB backend does beyond the contract of all backends.

mod faults;
mod files;
mod golden;
mod limits;
mod random;
mod snapshots;

use std::path::Path;
use std::sync::Arc;

use hat_event_backends::backends;
use hat_event_common::{
    Backend, Event, EventId, EventPayload, EventType, PluginError, QueryParams, QueryServerParams, RegisterEvent,
    ServerId, Timestamp, import_backend_info,
};
use serde_json::{Value, json};

/// A configuration that keeps everything, in a file of a folder.
fn conf(folder: &Path) -> Value {
    json!({
        "module": "hat.event.backends.lmdb",
        "db_path": folder.join("event.db"),
        "identifier": null,
        "flush_period": 3600,
        "cleanup_period": 3600,
        "conditions": [],
        "latest": {"subscriptions": [["*"]]},
        "timeseries": [
            {"order_by": "TIMESTAMP", "subscriptions": [["*"]]},
            {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["*"]]},
        ],
    })
}

/// The same with some keys replaced or added.
fn conf_with(folder: &Path, changes: Value) -> Value {
    let mut conf = conf(folder);
    for (key, value) in changes.as_object().unwrap() {
        conf[key] = value.clone();
    }
    conf
}

async fn try_open(conf: Value) -> Result<Arc<dyn Backend>, PluginError> {
    import_backend_info(&backends(), "hat.event.backends.lmdb").unwrap().create(conf, None, None).await
}

async fn open(conf: Value) -> Arc<dyn Backend> {
    try_open(conf).await.unwrap()
}

/// The event `number` of server 1, in a session of its own.
fn event(number: u64) -> Event {
    event_with(number, "a", Some(EventPayload::json(&number).unwrap()))
}

fn event_with(number: u64, name: &str, payload: Option<EventPayload>) -> Event {
    let event_type = EventType::from([name]);
    RegisterEvent { event_type, source_timestamp: None, payload }
        .register(EventId::new(1, number, 1).unwrap(), Timestamp::new(number as i64, 0).unwrap())
}

fn server_1() -> ServerId {
    ServerId::from(1)
}

/// The sessions of the events of server 1.
async fn sessions(backend: &dyn Backend) -> Vec<u64> {
    let result = query(backend, QueryServerParams::new(server_1())).await;
    result.iter().map(|event| event.id.session.get()).collect()
}

async fn query(backend: &dyn Backend, params: impl Into<QueryParams>) -> Vec<Event> {
    backend.query(params.into()).await.unwrap().events
}
