//! A program that has an event server in it, with a backend and a module of its own.
//!
//! ```text
//! cargo run -p hat-event-server --example embedding
//! ```
#![expect(clippy::print_stdout, reason = "it tells what it does")]

mod alarm;
mod latest_only;

use std::error::Error;

use hat_event_common::{EventPayload, EventType, QueryLatestParams, RegisterEvent, Resource, Source, SourceType};
use hat_event_server::EventServer;
use serde_json::{Value, json};

use alarm::Alarm;
use latest_only::LatestOnly;

/// What would stand in a file just as well; `hat-event check-conf` knows nothing of this program's plugins, though.
fn conf() -> Value {
    json!({
        "name": "house",
        "server_id": 1,
        "backend": {"module": "house.latest_only"},
        "modules": [{"module": "house.alarm", "limit": 30.0}],
        "eventer_server": {"host": "127.0.0.1", "port": 0},
    })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let builder =
        EventServer::builder().backend("house.latest_only", LatestOnly::info()).module("house.alarm", Alarm::info());
    let server = builder.start(conf()).await?;
    println!("any Hat component can connect to {}", server.addresses()[0]);

    // This program itself needs no connection.
    let engine = server.wait_operational().await.ok_or("the server closes")?;
    let temperature = RegisterEvent {
        event_type: EventType::from(["house", "kitchen", "temperature"]),
        source_timestamp: None,
        payload: Some(EventPayload::json(&31.5)?),
    };
    engine.register_shared(Source::new(SourceType::Server, 0), vec![temperature]).await?;

    let alarms = QueryLatestParams { event_types: Some(vec!["alarm/*".parse()?]) };
    for event in server.backend().query(alarms.into()).await?.events {
        println!("{}: {}", event.event_type, event.payload.ok_or("an alarm says something")?.parse::<Value>()?);
    }
    server.async_close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_runs() {
        main().unwrap();
    }

    /// The page of the book has these files, of this one what comes before the tests.
    #[test]
    fn the_page_shows_what_is_here() {
        let page = include_str!("../../../../docs/src/embedding.md");
        let lines: Vec<&str> = include_str!("main.rs").lines().collect();
        let line = |text: &str| 1 + lines.iter().position(|line| *line == text).unwrap();
        let shown = format!("embedding/main.rs:{}:{}}}}}", line("mod alarm;"), line("#[cfg(test)]") - 2);
        assert!(page.contains(&shown), "{shown}");
        for file in ["alarm.rs", "latest_only.rs"] {
            assert!(
                page.contains(&format!("{{{{#include ../../crates/server/examples/embedding/{file}}}}}")),
                "{file}"
            );
        }
    }

    #[tokio::test]
    async fn configurations_of_plugins_are_checked() {
        let mut conf = conf();
        conf["modules"][0]["limit"] = json!("hot");
        let error = EventServer::builder()
            .backend("house.latest_only", LatestOnly::info())
            .module("house.alarm", Alarm::info())
            .start(conf)
            .await
            .unwrap_err();
        assert!(error.to_string().contains("/modules/0/limit: \"hot\" is not of type \"number\""), "{error}");
    }

    #[tokio::test]
    async fn alarms_are_registered_with_what_caused_them() {
        let server = EventServer::builder()
            .backend("house.latest_only", LatestOnly::info())
            .module("house.alarm", Alarm::info())
            .start(conf())
            .await
            .unwrap();
        let engine = server.wait_operational().await.unwrap();
        for (value, expected) in [(31.5, 1), (29.0, 1)] {
            let event = RegisterEvent {
                event_type: EventType::from(["house", "attic", "temperature"]),
                source_timestamp: None,
                payload: Some(EventPayload::json(&value).unwrap()),
            };
            engine.register_shared(Source::new(SourceType::Server, 0), vec![event]).await.unwrap();
            let alarms = QueryLatestParams { event_types: Some(vec!["alarm/*".parse().unwrap()]) };
            let alarms = server.backend().query(alarms.into()).await.unwrap().events;
            assert_eq!(alarms.len(), expected);
            assert_eq!(alarms[0].payload.as_ref().unwrap().parse::<f64>().unwrap(), 31.5);
        }
        server.async_close().await;
    }
}
