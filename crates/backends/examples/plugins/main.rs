//! A backend and a module of one's own, and a small engine that drives them.
//!
//! ```text
//! cargo run -p hat-event-backends --example plugins
//! ```
//!
//! The backend keeps only some events, the module raises alarms, the engine is the least that runs a module. Both plugins
//! are found by their names in a configuration, which is checked before they are made.

#![expect(clippy::print_stdout, reason = "this program shows what it found")]

mod backend;
mod engine;
mod module;

use std::sync::Arc;

use hat_event_common::{
    BoxError, Engine, Event, EventPayload, EventType, QueryLatestParams, RegisterEvent, Registry, Resource, ServerId,
    Source, SourceType, import_backend_info, json_schema_repo,
};
use serde_json::{Value, json};

use backend::selective_backend_info;
use engine::SmallEngine;
use module::alarm_module_info;

/// Makes all of it from a configuration, registers three temperatures, and returns the latest events.
async fn run(conf: Value) -> Result<Vec<Event>, BoxError> {
    json_schema_repo().validate("hat-event://server.yaml", &conf)?;

    let mut backend_infos = hat_event_backends::backends();
    backend_infos.insert("example.backends.selective", selective_backend_info()?);
    let mut module_infos = Registry::new();
    module_infos.insert("example.modules.alarm", alarm_module_info()?);

    let backend_conf = conf["backend"].clone();
    let backend_info = import_backend_info(&backend_infos, backend_conf["module"].as_str().unwrap_or_default())?;
    let backend = backend_info.create(backend_conf, None, None).await?;

    let server_id = ServerId::new(conf["server_id"].as_u64().ok_or("server_id is negative")?)?;
    let module_confs = conf["modules"].as_array().map(Vec::as_slice).unwrap_or_default();
    let engine = SmallEngine::new(server_id, Arc::clone(&backend), &module_infos, module_confs).await?;

    for (room, temperature) in [("kitchen", 21.5), ("bath", 31.0), ("kitchen", 35.5)] {
        let event = RegisterEvent {
            event_type: EventType::from(["house", room, "temperature"]),
            source_timestamp: None,
            payload: Some(EventPayload::json(&temperature)?),
        };
        engine.register(Source::new(SourceType::Server, 0), vec![event]).await?;
    }
    let mut latest = engine.query(QueryLatestParams::default().into()).await?.events;
    latest.sort_by_key(|event| event.id);

    engine.async_close().await;
    backend.async_close().await;
    Ok(latest)
}

fn example_conf() -> Value {
    json!({
        "name": "example",
        "server_id": 1,
        "backend": {"module": "example.backends.selective", "keep": [["alarm", "*"]]},
        "modules": [{"module": "example.modules.alarm", "limit": 30}],
        "eventer_server": {"host": "127.0.0.1", "port": 23012},
    })
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    for event in run(example_conf()).await? {
        let value: f64 = event.payload.ok_or("an alarm without its value")?.parse()?;
        println!("{} {value}", event.event_type);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use hat_event_common::conformance::{self, Storage, Subject};
    use hat_event_common::{Backend, EngineError, EventId, SessionId, Timestamp};

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_backend_conforms() {
        let subject = Subject::new(
            selective_backend_info().unwrap(),
            Storage::WhileOpen,
            || json!({"module": "example.backends.selective", "keep": [["*"]]}),
        );
        conformance::check(&subject).await.unwrap();
    }

    #[tokio::test]
    async fn alarms_are_kept_and_nothing_else() {
        let latest = run(example_conf()).await.unwrap();
        let found: Vec<(String, f64)> = latest
            .iter()
            .map(|event| (event.event_type.to_string(), event.payload.as_ref().unwrap().parse().unwrap()))
            .collect();
        assert_eq!(
            found,
            [("alarm/house/bath/temperature".to_owned(), 31.0), ("alarm/house/kitchen/temperature".to_owned(), 35.5)]
        );
    }

    #[tokio::test]
    async fn configurations_are_checked() {
        for (pointer, value, error) in [
            ("/backend/keep/0", json!("alarm"), "\"alarm\" is not of type \"array\", at /keep/0"),
            ("/backend/module", json!("example.backend"), "there is no plugin example.backend; known are"),
            ("/backend/keep/0/0", json!("*"), "*"),
            ("/modules/0/limit", json!("high"), "\"high\" is not of type \"number\", at /limit"),
            ("/modules/0/module", json!(null), "null is not of type \"string\", at /modules/0/module"),
        ] {
            let mut conf = example_conf();
            *conf.pointer_mut(pointer).unwrap() = value;
            let found = run(conf).await.unwrap_err().to_string();
            assert!(found.contains(error), "{found}");
        }
    }

    #[tokio::test]
    async fn an_engine_that_cannot_go_on_says_why_and_closes() {
        let backend = Arc::new(hat_event_backends::MemoryBackend::new(None, None));
        let last_event_id = EventId { session: SessionId::MAX, ..EventId::new(1, 1, 1).unwrap() };
        let event = || RegisterEvent { event_type: EventType::from(["a"]), source_timestamp: None, payload: None };
        backend.register([event().register(last_event_id, Timestamp::MIN)].into()).await.unwrap();
        let server_id = last_event_id.server;
        let engine = SmallEngine::new(server_id, backend.clone(), &Registry::new(), &[]).await.unwrap();

        let error = engine.register(Source::new(SourceType::Server, 0), vec![event()]).await.unwrap_err();
        assert!(matches!(error, EngineError::Failed(_)), "{error:?}");
        assert_eq!(error.to_string(), "no session ids are left");
        assert!(engine.is_closing());
        assert_eq!(backend.get_last_event_id(server_id).await.unwrap(), last_event_id);
    }

    /// The page about plugins shows pieces of this example, indented less.
    #[test]
    fn the_page_shows_what_is_here() {
        let flat = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
        let page = include_str!("../../../../docs/src/plugins.md");
        // The language `rs` marks what is code here, and needs no test of its own.
        let shown: Vec<&str> = page.split("```rs\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert!(shown.len() > 3);
        let files =
            [include_str!("main.rs"), include_str!("backend.rs"), include_str!("module.rs"), include_str!("engine.rs")];
        for piece in shown {
            assert!(files.iter().any(|file| flat(file).contains(&flat(piece))), "not in this example:\n{piece}");
        }
    }
}
