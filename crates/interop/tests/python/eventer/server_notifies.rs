//! A server of this project notifies clients of the reference.

use hat_event_chatter::{Address, Config};
use hat_event_common::*;
use serde_json::json;

use super::peer::{Peer, within};
use super::served::Served;
use super::values::*;

#[tokio::test]
async fn notifications_are_filtered() {
    let (served, python) = (Served::start().await, Peer::start());
    let (address, all) = (served.address(), json!([["*"]]));
    python.connect("all", &address, json!({"subscriptions": all})).await;
    python.connect("none", &address, json!({})).await;
    python.connect("some", &address, json!({"subscriptions": [["a", "?"], ["b"]]})).await;
    python.connect("server 2", &address, json!({"subscriptions": all, "server_id": 2})).await;
    python.connect("persisted", &address, json!({"subscriptions": all, "persisted": true})).await;
    let sent: Vec<Event> = [("a/1", 1), ("a", 2), ("b", 2), ("c", 1), ("a/2", 2)]
        .into_iter()
        .zip(1..)
        .map(|((kind, server), id)| json_event(kind).register(EventId::new(server, 1, id).unwrap(), Timestamp::MIN))
        .collect();
    let check = async |persisted: bool, expected: &[(&str, &[usize])]| {
        served.server.notify_events(&sent, persisted);
        let mut got = Vec::new();
        for _ in expected {
            let report = python.report("events").await;
            got.push((report["client"].as_str().unwrap().to_owned(), events(&report["events"])));
        }
        got.sort_by(|(a, _), (b, _)| a.cmp(b));
        let events_at = |at: &[usize]| at.iter().map(|at| sent[*at].clone()).collect::<Vec<_>>();
        let expected: Vec<_> = expected.iter().map(|(name, at)| ((*name).to_owned(), events_at(at))).collect();
        assert_eq!(got, expected);
    };
    check(false, &[("all", &[0, 1, 2, 3, 4]), ("server 2", &[1, 2, 4]), ("some", &[0, 2, 4])]).await;
    check(true, &[("persisted", &[0, 1, 2, 3, 4])]).await;
    // Whoever had been told something else would have been told it before the answers to these.
    for client in ["all", "none", "some", "server 2", "persisted"] {
        python.ask("register", json!({"client": client, "events": register_hex(&[])})).await;
    }
    assert!(python.is_quiet().await);
}

#[tokio::test]
async fn acknowledgements_are_awaited() {
    let (served, python) = (Served::start().await, Peer::start());
    for client in ["a", "b", "c"] {
        python.connect(client, &served.address(), json!({"subscriptions": [["*"]], "hold": true})).await;
        served.came().await;
    }
    let sent = [json_event("a").register(EventId::new(1, 1, 1).unwrap(), Timestamp::MIN)];
    let server = served.server.clone();
    let notified = tokio::spawn(async move { server.notify_events_with_ack(&sent, false).await });
    for _ in 0..3 {
        python.report("events").await;
    }
    assert!(!notified.is_finished());
    // The reference does not wait for the others once one has gone; this server does.
    python.ask("close", json!({"client": "a"})).await;
    served.went().await;
    python.report("closed").await;
    python.connect("d", &served.address(), json!({})).await;
    python.ask("register", json!({"client": "d", "events": register_hex(&[])})).await;
    assert!(!notified.is_finished());
    python.ask("release", json!({})).await;
    python.ask("release", json!({})).await;
    within("all have acknowledged", notified).await.unwrap();
}

#[tokio::test]
async fn odd_json_is_understood() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({"subscriptions": [["*"]]})).await;
    let ((odd, usual), id) = (odd_json(), EventId::new(1, 1, 1).unwrap());
    let event = |payload| Event { payload: Some(payload), ..json_event("a").register(id, Timestamp::MIN) };
    served.server.notify_events(&[event(odd)], false);
    assert_eq!(events(&python.report("events").await["events"]), [event(usual)]);
}

#[tokio::test]
async fn the_server_closes_and_all_is_sent_before() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({"subscriptions": [["*"]]})).await;
    let sent: Vec<Event> =
        (1..=2000).map(|id| json_event("a").register(EventId::new(1, 1, id).unwrap(), Timestamp::MIN)).collect();
    served.server.notify_events(&sent, false);
    within("the server closes", served.listener.async_close()).await;
    assert_eq!(events(&python.report("events").await["events"]), sent);
    python.report("closed").await;
    let query = json!({"client": "a", "params": params_hex(QueryLatestParams::default())});
    assert_eq!(python.attempt("query", query).await.unwrap_err().0, "ConnectionError");
}

#[tokio::test]
async fn unix_sockets_carry_the_same() {
    let path = std::env::temp_dir().join(format!("hat-event-interop-{}-server.sock", std::process::id()));
    let served = Served::on(Address::Unix(path.clone()), Config::default()).await;
    let python = Peer::start();
    python.connect("a", &served.address(), json!({"subscriptions": [["*"]]})).await;
    let wanted = [json_event("x")];
    let answer = python.ask("register", json!({"client": "a", "events": register_hex(&wanted)})).await;
    assert_eq!(unregistered(&events(&answer)), wanted);
    assert_eq!(events(&python.report("events").await["events"]), events(&answer));
    within("the server closes", served.listener.async_close()).await;
    python.report("closed").await;
    assert!(!path.exists());
}
