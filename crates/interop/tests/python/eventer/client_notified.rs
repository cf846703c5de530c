//! Clients of this project are notified by a server of the reference.

use std::sync::Arc;

use hat_event_chatter::{Address, CloseReason};
use hat_event_common::*;
use hat_event_eventer::ClientOptions;
use serde_json::json;

use super::client::{connect, connect_to};
use super::peer::{Peer, within};
use super::values::*;

fn sent(kind: &str, server: u64, instance: u64) -> Event {
    json_event(kind).register(EventId::new(server, 1, instance).unwrap(), Timestamp::MAX)
}

#[tokio::test]
async fn notifications_are_filtered() {
    let (python, address) = Peer::listening(json!({})).await;
    let options = |name: &str, query_types: &[&str]| {
        ClientOptions::new(name).subscribe(query_types.iter().map(|text| event_type(text)))
    };
    let mut clients = Vec::new();
    for (name, query_types, expected) in [
        ("all", &["*"][..], &[0, 1, 2, 3, 4][..]),
        ("some", &["a/?", "b"], &[0, 2, 4]),
        ("server 2", &["*"], &[1, 2, 4]),
        ("persisted", &["*"], &[0, 1, 2, 3, 4, 4]),
        ("none", &[], &[]),
    ] {
        let mut options = options(name, query_types);
        options.persisted = name == "persisted";
        options.server_id = (name == "server 2").then(|| ServerId::new(2).unwrap());
        clients.push((connect(&address, options).await.unwrap(), expected));
    }
    let all: Vec<Event> = [("a/1", 1), ("a", 2), ("b", 2), ("c", 1), ("a/2", 2)]
        .into_iter()
        .zip(1..)
        .map(|((kind, server), id)| sent(kind, server, id))
        .collect();
    python.ask("notify", json!({"events": events_hex(&all)})).await;
    python.ask("notify", json!({"events": events_hex(&all), "persisted": true})).await;
    python.ask("notify", json!({"events": events_hex(&all[4..]), "persisted": true})).await;
    python.ask("close_server", json!({})).await;
    for ((client, mut events), expected) in clients {
        let mut got = Vec::new();
        while let Some(events) = within("events", events.next()).await {
            got.extend(events);
        }
        let expected: Vec<Event> = expected.iter().map(|at: &usize| all[*at].clone()).collect();
        assert_eq!(got, expected, "{client:?}");
        assert_eq!(client.closed().await, CloseReason::Peer);
    }
}

#[tokio::test]
async fn acknowledgements_follow_the_handling() {
    let (python, address) = Peer::listening(json!({})).await;
    let python = Arc::new(python);
    let (client, mut events) = connect_to(&python, &address).await;
    let notify = |event: Event| {
        let python = Arc::clone(&python);
        let with = json!({"events": events_hex(&[event]), "with_ack": true});
        tokio::spawn(async move { python.ask("notify", with).await })
    };
    let notified = notify(sent("a", 1, 1));
    assert_eq!(within("events", events.next()).await, Some(vec![sent("a", 1, 1)]));
    // Its answer comes behind the acknowledgement that must not be there.
    within("a query", client.query(QueryLatestParams::default())).await.unwrap();
    python.ask("infos", json!({})).await;
    assert!(!notified.is_finished());
    let next = tokio::spawn(async move { (events.next().await, events) });
    within("acknowledged", notified).await.unwrap();
    let last = notify(sent("a", 1, 2));
    let (next, events) = within("events", next).await.unwrap();
    assert_eq!(next, Some(vec![sent("a", 1, 2)]));
    drop(events);
    within("acknowledged as nobody takes events any more", last).await.unwrap();
    within("acknowledged unseen", notify(sent("a", 1, 3))).await.unwrap();
}

#[tokio::test]
async fn a_callback_makes_requests() {
    let (python, address) = Peer::listening(json!({})).await;
    let (client, events) = connect_to(&python, &address).await;
    let handled = tokio::spawn(events.for_each(move |events| {
        let client = client.clone();
        async move {
            let events = client.register_with_response(&unregistered(&events)).await.unwrap();
            assert_eq!(client.query(QueryLatestParams::default()).await.unwrap().events, events);
            client.close();
        }
    }));
    python.ask("notify", json!({"events": events_hex(&[sent("a", 1, 1)]), "with_ack": true})).await;
    within("the callback ends", handled).await.unwrap();
    python.report("query").await;
    python.report("disconnected").await;
}

#[tokio::test]
async fn unix_sockets_carry_the_same() {
    let path = std::env::temp_dir().join(format!("hat-event-interop-{}-client.sock", std::process::id()));
    let address = Address::Unix(path.clone());
    let (python, listening) = Peer::listening(json!({"server": address.to_string()})).await;
    assert_eq!(listening, address);
    let (client, mut events) = connect_to(&python, &address).await;
    let wanted = [json_event("x")];
    let registered = within("registered", client.register_with_response(&wanted)).await.unwrap();
    assert_eq!(unregistered(&registered), wanted);
    python.ask("notify", json!({"events": events_hex(&registered)})).await;
    assert_eq!(within("events", events.next()).await, Some(registered));
    python.ask("close_server", json!({})).await;
    assert_eq!(within("closed", client.closed()).await, CloseReason::Peer);
    // The reference leaves it behind, or Python takes it away, as its version wants.
    let _ = std::fs::remove_file(path);
}
