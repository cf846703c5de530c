//! Clients of the reference on a server of this project.

use std::sync::Arc;

use hat_event_common::*;
use hat_event_interop::Random;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::peer::{Peer, within};
use super::served::Served;
use super::values::*;
use crate::trial::seed;
use crate::values;

#[tokio::test]
async fn clients_come_are_told_the_status_and_go() {
    let (served, python) = (Served::start().await, Peer::start());
    let options = json!({
        "token": "žeton", "subscriptions": [["a", "?"], ["b", "*"]], "server_id": 7, "persisted": true,
    });
    assert_eq!(python.connect("ime", &served.address(), options).await, "STARTING");
    let client = served.came().await;
    assert_eq!((&*client.client_name, client.client_token.as_deref()), ("ime", Some("žeton")));
    let subscription = Subscription::new([event_type("a/?"), event_type("b/*")]).unwrap();
    assert_eq!((&client.subscription, client.persisted), (&subscription, true));
    assert_eq!(client.server_id, Some(ServerId::new(7).unwrap()));

    // One that is the same already is not told.
    for status in [Status::Operational, Status::Operational, Status::Stopping, Status::Standby, Status::Starting] {
        served.server.set_status(status);
    }
    for status in ["OPERATIONAL", "STOPPING", "STANDBY", "STARTING"] {
        let report = python.report("status").await;
        assert_eq!((&report["status"], &report["same"]), (&json!(status), &json!(true)));
    }
    python.ask("close", json!({"client": "ime"})).await;
    assert_eq!(served.went().await.id, client.id);
    assert!(served.server.connection_infos().is_empty());
    python.report("closed").await;
    assert!(python.is_quiet().await);
}

#[tokio::test]
async fn clients_are_refused_with_the_reason() {
    let (served, python) = (Served::start().await, Peer::start());
    let attempt = |with: Value| {
        let mut with = with;
        with["client"] = "a".into();
        with["name"] = "a".into();
        with["server"] = served.address().into();
        python.attempt("connect", with)
    };
    let error = attempt(json!({"token": "wrong"})).await.unwrap_err();
    assert_eq!(error, ("EventerInitError".into(), "krivi žeton".into()));
    let (name, text) = attempt(json!({"subscriptions": [["*", "a"]]})).await.unwrap_err();
    assert_eq!(name, "EventerInitError");
    assert!(text.contains('*'), "{text}");
    // Not an id: the message is none of the protocol.
    for id in [json!(-1), json!(i64::MIN)] {
        assert_eq!(attempt(json!({"server_id": id})).await.unwrap_err().0, "ConnectionError");
    }
    assert!(served.server.connection_infos().is_empty());
    attempt(json!({"token": "right"})).await.unwrap();
    served.came().await;
}

#[tokio::test]
async fn events_are_registered_with_and_without_response() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({})).await;
    let wanted = [json_event("x/y"), large_event("x", 3)];
    let register = |kind: &str, with_response: bool| {
        let mut events = wanted.to_vec();
        events[0].event_type = event_type(kind);
        python.ask("register", json!({"client": "a", "events": register_hex(&events), "with_response": with_response}))
    };
    assert_eq!(register("x/y", false).await, Value::Null);
    let second = events(&register("x/y", true).await);
    assert_eq!(unregistered(&second), wanted);
    assert_eq!(second[1].id, EventId::new(7, 2, 2).unwrap());
    assert_eq!(second[0].timestamp, Timestamp::new(2, 123).unwrap());
    assert_eq!(register("failure", true).await, Value::Null);
    assert_eq!(register("failure", false).await, Value::Null);
    let none = python.ask("register", json!({"client": "a", "events": register_hex(&[])})).await;
    assert_eq!(events(&none), []);
    assert_eq!(served.handler.registered.lock().unwrap().len(), 4);

    // Text that is odd stays as it is, and what is no JSON ends the connection.
    let (odd, _) = odd_json();
    let EventPayload::Json(json) = &odd else { panic!("{odd:?}") };
    python.ask("register_text", json!({"client": "a", "text": &**json.text()})).await;
    python.ask("register", json!({"client": "a", "events": register_hex(&[])})).await;
    assert_eq!(served.handler.registered.lock().unwrap()[4].payload, Some(odd));
    python.ask("register_text", json!({"client": "a", "text": "NaN"})).await;
    python.report("closed").await;
}

#[tokio::test]
async fn random_events_and_queries_come_as_they_were_sent() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({"subscriptions": [["*"]]})).await;
    let mut random = Random::new(seed("eventer, server"), "eventer server", 0);
    for case in 0..150 {
        let wanted = random.list(6, values::register_event);
        let digits = register_hex(&wanted);
        let answer = python.ask("register", json!({"client": "a", "events": digits})).await;
        let registered = events(&answer);
        assert_eq!(unregistered(&registered), wanted, "case {case}");
        if !wanted.is_empty() {
            assert_eq!(events(&python.report("events").await["events"]), registered);
        }
        // Any events at all, beside those that the server makes.
        let any = random.list(4, values::event);
        served.server.notify_events(&any, false);
        if !any.is_empty() {
            assert_eq!(events(&python.report("events").await["events"]), any, "case {case}");
        }
        let params = values::query_params(&mut random);
        let answered = python.attempt("query", json!({"client": "a", "params": params_hex(params.clone())})).await;
        assert_eq!(served.handler.queries.lock().unwrap().pop(), Some(params), "case {case}");
        if answered.is_err() {
            // The backend refuses what contradicts itself, which ends the connection.
            python.report("closed").await;
            python.connect("a", &served.address(), json!({"subscriptions": [["*"]]})).await;
        }
    }
}

#[tokio::test]
async fn queries_are_answered_page_by_page() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({})).await;
    let mut all = Vec::new();
    for kind in ["x/0", "x/1", "y/0", "x/0", "x/2"] {
        let events_of_one = [json_event(kind), json_event("z")];
        let answer = python.ask("register", json!({"client": "a", "events": register_hex(&events_of_one)})).await;
        all.extend(events(&answer));
    }
    let query = async |params: QueryParams| {
        result(&python.ask("query", json!({"client": "a", "params": params_hex(params)})).await)
    };
    let latest = QueryLatestParams { event_types: Some(vec![event_type("x/?")]) };
    let mut ids: Vec<EventId> = query(latest.into()).await.events.iter().map(|event| event.id).collect();
    ids.sort();
    assert_eq!(ids, [all[2].id, all[6].id, all[8].id]);

    let mut timeseries = QueryTimeseriesParams {
        event_types: Some(vec![event_type("x/*")]),
        order: Order::Ascending,
        max_results: Some(3),
        ..QueryTimeseriesParams::default()
    };
    let first = query(timeseries.clone().into()).await;
    assert_eq!((first.events.len(), first.more_follows), (3, true));
    timeseries.last_event_id = Some(first.events[2].id);
    let second = query(timeseries.into()).await;
    assert_eq!((second.events.len(), second.more_follows), (1, false));
    assert_eq!([first.events, second.events].concat(), [0, 2, 6, 8].map(|at: usize| all[at].clone()));

    let mut server = QueryServerParams {
        server_id: ServerId::new(7).unwrap(),
        persisted: false,
        max_results: Some(4),
        last_event_id: None,
    };
    let mut pages = Vec::new();
    loop {
        let page = query(server.clone().into()).await;
        server.last_event_id = page.events.last().map(|event| event.id);
        pages.push(page.events);
        if !page.more_follows {
            break;
        }
    }
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 2]);
    assert_eq!(pages.concat(), all);

    // There is no message for a query that fails: the connection ends, as that of the reference.
    server.server_id = ServerId::new(666).unwrap();
    let failed = python.attempt("query", json!({"client": "a", "params": params_hex(server)})).await;
    assert_eq!(failed.unwrap_err().0, "ConnectionError");
    python.report("closed").await;
}

#[tokio::test]
async fn many_requests_of_many_clients_at_once() {
    let (served, python) = (Served::start().await, Arc::new(Peer::start()));
    let names: Vec<String> = (0..5).map(|number| number.to_string()).collect();
    for name in &names {
        python.connect(name, &served.address(), json!({})).await;
    }
    // Of one client that waits for its first request, the others queue up meanwhile.
    let mut requests = JoinSet::new();
    for len in 0..400usize {
        let (python, client) = (Arc::clone(&python), names[len % 5].clone());
        requests.spawn(async move {
            let wanted = [large_event(if len == 0 { "slow" } else { "x" }, len)];
            let answer = python.ask("register", json!({"client": client, "events": register_hex(&wanted)})).await;
            assert_eq!(unregistered(&events(&answer)), wanted);
            len
        });
    }
    let mut done = Vec::new();
    while done.len() < 320 {
        done.push(within("an answer", requests.join_next()).await.unwrap().unwrap());
    }
    served.handler.permits.add_permits(1);
    while let Some(len) = within("an answer", requests.join_next()).await {
        done.push(len.unwrap());
    }
    done.sort_unstable();
    assert_eq!(done, (0..400).collect::<Vec<_>>());
}
