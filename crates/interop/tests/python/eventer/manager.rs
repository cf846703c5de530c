//! The program `hat-event-manager` of the reference on a server of this project.
//!
//! Of its commands these do not work, on any server: `register` ends with exit code 1 also if it worked, as it does not
//! ask for the answer, and does not notice if it did not work; `query server` and `server` end in an exception; the
//! options `--order`, `--order-by` and `--last-event-id` of `query` are refused with any value, and results are cut off
//! at `--max-results` without a way to go on. The book's page "Coming from Python" has them too.

use std::process::{Output, Stdio};

use hat_event_chatter::Address;
use hat_event_common::*;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use super::peer::{python, within};
use super::served::Served;
use super::values::event_type;

fn manager(served: &Served, args: &[&str]) -> Command {
    let Address::Tcp { host, port } = &served.listener.addresses()[0] else { panic!("no TCP") };
    let mut command = python();
    command.args(["-u", "-m", "hat.event.manager", "--host", host, "--port", &port.to_string()]).args(args);
    command.stdin(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program to its end.
async fn run(served: &Served, args: &[&str], input: &[u8]) -> Output {
    let mut child = manager(served, args).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input).await.unwrap();
    drop(stdin);
    within("the manager ends", child.wait_with_output()).await.unwrap()
}

async fn query(served: &Served, args: &[&str]) -> Value {
    let output = run(served, args, b"").await;
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Registers, although the program says that it has not.
async fn register(served: &Served, args: &[&str], input: &[u8]) -> RegisterEvent {
    let output =
        run(served, &[&["--client-name", "ime", "--client-token", "t", "register"], args].concat(), input).await;
    assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let client = served.came().await;
    assert_eq!((&*client.client_name, client.client_token.as_deref()), ("ime", Some("t")));
    served.went().await;
    served.handler.registered.lock().unwrap().last().cloned().unwrap()
}

#[tokio::test]
async fn it_registers_and_queries() {
    let served = Served::start().await;
    let event = register(&served, &["a/b", "--source-timestamp", "1.5"], r#"{"č": [1, null]}"#.as_bytes()).await;
    let payload = EventPayload::json(&json!({"č": [1, null]})).unwrap();
    let source_timestamp = Some(Timestamp::new(1, 500_000).unwrap());
    assert_eq!(event, RegisterEvent { event_type: event_type("a/b"), source_timestamp, payload: Some(payload) });
    let event = register(&served, &["a/c", "--payload-type", "binary", "--binary-type", "t"], b"\x00\xff").await;
    assert_eq!(event.payload, Some(EventPayload::binary("t", &b"\x00\xff"[..])));
    let event = register(&served, &["b", "--payload-type", "none"], b"").await;
    assert_eq!(event, RegisterEvent { event_type: event_type("b"), source_timestamp: None, payload: None });
    let event = register(&served, &["b", "--payload-type", "yaml"], b"a: 1").await;
    assert_eq!(event.payload, Some(EventPayload::json(&json!({"a": 1})).unwrap()));

    let event = register(&served, &["c", "--payload-type", "toml"], b"a = 1").await;
    assert_eq!(event.payload, Some(EventPayload::json(&json!({"a": 1})).unwrap()));

    let ids = |result: &Value| {
        let events = result["events"].as_array().unwrap().iter();
        events.map(|event| event["id"]["session"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let latest = query(&served, &["query", "latest", "--event-types", "a/?"]).await;
    let mut found = ids(&latest);
    found.sort_unstable();
    assert_eq!((found, &latest["more_follows"]), (vec![1, 2], &json!(false)));
    let first = latest["events"].as_array().unwrap().iter().find(|event| event["id"]["session"] == 1).unwrap();
    let expected = json!({
        "id": {"server": 7, "session": 1, "instance": 1}, "type": ["a", "b"], "timestamp": {"s": 1, "us": 123},
        "source_timestamp": {"s": 1, "us": 500_000}, "payload": {"data_type": "json", "data": {"č": [1, null]}},
    });
    assert_eq!(*first, expected);
    assert_eq!(ids(&query(&served, &["query", "latest"]).await).len(), 4);

    let timeseries =
        query(&served, &["query", "timeseries", "--max-results", "2", "--t-from", "1", "--t-to", "4"]).await;
    assert_eq!((ids(&timeseries), &timeseries["more_follows"]), (vec![3, 2], &json!(true)));
    let by_source = query(&served, &["query", "timeseries", "--source-t-from", "1", "--source-t-to", "2"]).await;
    assert_eq!((ids(&by_source), &by_source["events"][0]), (vec![1], &expected));
}

#[tokio::test]
async fn it_subscribes() {
    let served = Served::start().await;
    let args = ["subscribe", "--server-id", "7", "--persisted", "a/*", "b"];
    let mut child = manager(&served, &args).stderr(Stdio::inherit()).spawn().unwrap();
    let client = served.came().await;
    assert_eq!(client.subscription, Subscription::new([event_type("a/*"), event_type("b")]).unwrap());
    assert_eq!((client.persisted, client.server_id), (true, Some(ServerId::new(7).unwrap())));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for (kind, server) in [("a/1", 7), ("c", 7), ("b", 6), ("b", 7)] {
        let id = EventId::new(server, 1, 1).unwrap();
        let event = RegisterEvent { event_type: event_type(kind), source_timestamp: None, payload: None };
        served.server.notify_events(&[event.register(id, Timestamp::MIN)], true);
        if kind != "c" && server == 7 {
            let line = within("events", lines.next_line()).await.unwrap().unwrap();
            let events: Value = serde_json::from_str(&line).unwrap();
            assert_eq!(events[0]["type"], json!(kind.split('/').collect::<Vec<_>>()));
            assert_eq!(events.as_array().unwrap().len(), 1);
        }
    }
    served.listener.close();
    assert!(within("the manager ends", child.wait()).await.unwrap().success());
}

#[tokio::test]
async fn what_it_cannot_do() {
    let served = Served::start().await;
    for args in [
        &["query", "server", "7"][..],
        &["query", "timeseries", "--order", "ASCENDING"],
        &["query", "timeseries", "--order-by", "TIMESTAMP"],
        &["query", "timeseries", "--last-event-id", "7,1,1"],
        &["server"],
    ] {
        let output = run(&served, args, b"").await;
        assert!(!output.status.success() && output.stdout.is_empty(), "{args:?}");
    }
    assert_eq!(served.handler.queries.lock().unwrap().len(), 0);
}
