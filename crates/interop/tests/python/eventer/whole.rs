//! Our client on the whole server of the reference, with the backends that work there, and on ours with the same configuration.

use std::path::Path;

use hat_event_chatter::CloseReason;
use hat_event_common::*;
use hat_event_eventer::{ClientOptions, ConnectError, Events, ReconnectOptions, ReconnectingClient, RequestError};
use hat_event_interop::Random;
use serde_json::{Value, json};
use tokio::time::Duration;

use super::peer::within;
use super::values::*;
use super::whole_server::{Program, Whole};
use crate::trial::seed;
use crate::values;

/// The next events, but for those that the server makes of its clients.
async fn next(events: &mut Events) -> Vec<Event> {
    loop {
        let mut next = within("events", events.next()).await.unwrap_or_else(|| panic!("the connection has ended"));
        next.retain(|event| event.event_type.segments().next() != Some("event"));
        if !next.is_empty() {
            return next;
        }
    }
}

#[tokio::test]
async fn with_the_dummy_backend() {
    let mut server = Whole::start(Program::Reference, "dummy", |_| json!({"module": "hat.event.backends.dummy"})).await;
    let mut options = ClientOptions::new("a").subscribe([event_type("x/*")]);
    options.client_token = Some("wrong".to_owned());
    match server.try_connect(options.clone()).await {
        Err(ConnectError::Refused(reason)) => assert_eq!(reason, "invalid client token"),
        other => panic!("{other:?}"),
    }
    options.client_token = Some("right".to_owned());
    let (client, mut events) = server.connect(options.clone()).await;
    options.persisted = true;
    let (_, mut persisted) = server.connect(options).await;

    let wanted = [json_event("x/1"), json_event("y"), large_event("x", 1000)];
    let registered = within("registered", client.register_with_response(&wanted)).await.unwrap();
    assert_eq!(unregistered(&registered), wanted);
    assert!(registered.iter().all(|event| event.id.server.get() == 5 && event.id.session == registered[0].id.session));
    for events in [&mut events, &mut persisted] {
        assert_eq!(next(events).await, [registered[0].clone(), registered[2].clone()]);
    }
    let none = QueryResult { events: vec![], more_follows: false };
    assert_eq!(within("result", client.query(QueryLatestParams::default())).await, Ok(none));

    let mut status = client.watch_status();
    server.terminate().await;
    within("stopping", status.wait_for(|status| *status != Status::Operational)).await.unwrap();
    assert_eq!(within("closed", client.closed()).await, CloseReason::Peer);
    assert!(matches!(client.register(&wanted).await, Err(RequestError::Closed(CloseReason::Peer))));
}

fn lmdb(folder: &Path) -> Value {
    json!({
        "module": "hat.event.backends.lmdb", "db_path": folder.join("event.db"), "identifier": null,
        "flush_period": 0.2, "cleanup_period": 60, "conditions": [],
        "latest": {"subscriptions": [["*"]]},
        "timeseries": [
            {"order_by": "TIMESTAMP", "subscriptions": [["x", "*"]]},
            {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["s", "*"]]},
        ],
        "timeseries_max_results": 100,
    })
}

#[tokio::test]
async fn with_the_lmdb_backend() {
    a_client_works(Program::Reference).await;
}

#[tokio::test]
async fn with_the_lmdb_backend_of_ours() {
    a_client_works(Program::Ours).await;
}

async fn a_client_works(program: Program) {
    let mut server = Whole::start(program, "lmdb", lmdb).await;
    let (client, mut events) = server.connect(ClientOptions::new("a").subscribe([event_type("*")])).await;
    let mut options = ClientOptions::new("b").subscribe([event_type("x/*")]);
    (options.persisted, options.server_id) = (true, Some(ServerId::new(5).unwrap()));
    let (_, mut persisted) = server.connect(options).await;

    let mut random = Random::new(seed("eventer, whole"), "eventer whole", 0);
    let mut all = Vec::new();
    for number in 0..20i64 {
        let mut wanted = random.list(6, values::register_event);
        for (event, instance) in wanted.iter_mut().zip(0..) {
            event.event_type = event_type(&format!("x/{instance}"));
        }
        wanted.push(RegisterEvent { source_timestamp: Timestamp::new(-number, 5).ok(), ..json_event("s/1") });
        let registered = within("registered", client.register_with_response(&wanted)).await.unwrap();
        assert_eq!(unregistered(&registered), wanted);
        assert_eq!(next(&mut events).await, registered);
        all.extend(registered);
    }
    let of = |first: &str| {
        all.iter().filter(|event| event.event_type.segments().next() == Some(first)).cloned().collect::<Vec<_>>()
    };
    let (x, s) = (of("x"), of("s"));

    // What is persisted is told once it is.
    let mut flushed = Vec::new();
    while flushed.len() < x.len() {
        flushed.extend(next(&mut persisted).await);
    }
    assert_eq!(flushed, x);

    let params = QueryTimeseriesParams {
        event_types: Some(vec![event_type("x/*")]),
        order: Order::Ascending,
        max_results: Some(7),
        ..QueryTimeseriesParams::default()
    };
    assert_eq!(within("pages", client.query_all(params).collect()).await.unwrap(), x);
    let params = QueryTimeseriesParams {
        event_types: Some(vec![event_type("s/?")]),
        order: Order::Ascending,
        order_by: OrderBy::SourceTimestamp,
        max_results: Some(6),
        ..QueryTimeseriesParams::default()
    };
    let by_source: Vec<Event> = s.iter().rev().cloned().collect();
    assert_eq!(within("pages", client.query_all(params).collect()).await.unwrap(), by_source);

    let latest = QueryLatestParams { event_types: Some(vec![event_type("s/1")]) };
    let latest = within("latest", client.query(latest)).await.unwrap();
    assert_eq!(latest, QueryResult { events: vec![s[s.len() - 1].clone()], more_follows: false });

    let server_id = ServerId::new(5).unwrap();
    let params = QueryServerParams { server_id, persisted: true, max_results: Some(9), last_event_id: None };
    let mut of_server = within("pages", client.query_all(params).collect()).await.unwrap();
    of_server.retain(|event| event.event_type.segments().next() != Some("event"));
    // It keeps of each type what a time series or the latest has.
    assert_eq!(of_server, all);
    server.terminate().await;
    assert_eq!(within("closed", client.closed()).await, CloseReason::Peer);
}

#[tokio::test]
async fn who_connects_again_gets_each_event_once() {
    each_event_comes_once(Program::Reference).await;
}

#[tokio::test]
async fn who_connects_to_ours_again_gets_each_event_once() {
    each_event_comes_once(Program::Ours).await;
}

async fn each_event_comes_once(program: Program) {
    let mut server = Whole::start(program, "again", lmdb).await;
    let mut options = ClientOptions::new("again").subscribe([event_type("x/*")]);
    options.server_id = Some(ServerId::new(5).unwrap());
    let reconnect = ReconnectOptions {
        min_delay: Duration::from_millis(50),
        max_delay: Duration::from_millis(400),
        last_event_id: Some(EventId::new(5, 0, 0).unwrap()),
        ..ReconnectOptions::default()
    };
    let mut registered = Vec::new();
    let mut register = async |server: &Whole, kinds: &[&str]| {
        let (client, _) = server.connect(ClientOptions::new("a")).await;
        for kind in kinds {
            let events = within("registered", client.register_with_response(&[json_event(kind)])).await.unwrap();
            registered.extend(events.into_iter().filter(|event| event.event_type.segments().next() == Some("x")));
        }
    };
    // Before it connects the first time, while it is connected, and before it connects again.
    register(&server, &["x/1", "y", "x/2"]).await;
    let (again, mut events) = ReconnectingClient::new(server.address.clone(), options, reconnect);
    within("connected", again.connected()).await.unwrap();
    register(&server, &["x/1", "x/3", "y"]).await;
    for _ in 0..2 {
        server.restart().await;
        register(&server, &["x/1", "x/4", "y", "x/2"]).await;
    }
    let mut got = Vec::new();
    while got.len() < registered.len() {
        got.extend(within("events", events.next()).await.unwrap());
    }
    assert_eq!(got, registered);
    again.close();
    assert_eq!(within("no more events", events.next()).await, None);
}
