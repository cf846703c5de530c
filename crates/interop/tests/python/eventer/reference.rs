//! What the reference does otherwise on connections, as the book's page "Coming from Python" has it, and what is done here.

use std::sync::Arc;

use hat_event_common::*;
use hat_event_eventer::{Client, ClientOptions, Events};
use serde_json::json;

use super::peer::{Peer, within};
use super::served::Served;
use super::values::*;

/// A server of the reference, and clients of ours that get all events.
async fn clients<const N: usize>() -> (Arc<Peer>, [(Client, Events); N]) {
    let (python, address) = Peer::listening(json!({})).await;
    let mut clients = Vec::new();
    for _ in 0..N {
        let options = ClientOptions::new("a").subscribe([event_type("*")]);
        clients.push(within("connected", Client::connect(&address, options)).await.unwrap());
        python.report("connected").await;
    }
    (Arc::new(python), clients.try_into().unwrap())
}

fn event() -> Event {
    json_event("a").register(EventId::new(1, 1, 1).unwrap(), Timestamp::MIN)
}

fn notify_with_ack(python: &Arc<Peer>) -> tokio::task::JoinHandle<serde_json::Value> {
    let (python, with) = (Arc::clone(python), json!({"events": events_hex(&[event()]), "with_ack": true}));
    tokio::spawn(async move { python.ask("notify", with).await })
}

/// `ack-others`
#[tokio::test]
async fn a_client_that_goes_ends_the_waiting_for_all_others() {
    let (python, [(first, mut of_first), (second, mut of_second)]) = clients().await;
    let notified = notify_with_ack(&python);
    within("events", of_first.next()).await.unwrap();
    within("events", of_second.next()).await.unwrap();
    within("closed", first.async_close()).await;
    within("the server goes on", notified).await.unwrap();
    // Only now the second has handled them; see `acknowledgements_are_awaited` for what is done here.
    drop(of_second);
    within("a query", second.query(QueryLatestParams::default())).await.unwrap();
}

/// `ack-while-busy`
#[tokio::test]
async fn an_acknowledgement_waits_for_the_request_before_it() {
    let (python, [(client, mut events), (other, _)]) = clients().await;
    let slow = tokio::spawn(async move { client.register_with_response(&[json_event("slow")]).await });
    let notified = notify_with_ack(&python);
    within("events", events.next()).await.unwrap();
    drop(events);
    for _ in 0..10 {
        within("a query", other.query(QueryLatestParams::default())).await.unwrap();
    }
    assert!(!notified.is_finished());
    python.ask("release", json!({})).await;
    within("registered", slow).await.unwrap().unwrap();
    within("acknowledged", notified).await.unwrap();
}

/// `ack-while-busy`
#[tokio::test]
async fn an_acknowledgement_is_heard_while_a_request_is_handled() {
    let (served, python) = (Served::start().await, Arc::new(Peer::start()));
    python.connect("a", &served.address(), json!({"subscriptions": [["*"]]})).await;
    let slow = tokio::spawn({
        let python = Arc::clone(&python);
        let with = json!({"client": "a", "events": register_hex(&[json_event("slow")])});
        async move { python.ask("register", with).await }
    });
    within("a request that is handled", served.handler.waits.notified()).await;
    within("acknowledged", served.server.notify_events_with_ack(&[event()], false)).await;
    python.report("events").await;
    assert!(!slow.is_finished());
    served.handler.permits.add_permits(1);
    within("registered", slow).await.unwrap();
}

/// `close-drops`
#[tokio::test]
async fn closing_drops_what_was_not_sent_yet() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({})).await;
    let with = json!({"client": "a", "events": register_hex(&[json_event("x")]), "times": 500});
    python.ask("register_and_close", with).await;
    served.came().await;
    served.went().await;
    let count = served.handler.registered.lock().unwrap().len();
    assert!(count < 500, "{count}");
}

/// `close-drops`
#[tokio::test]
async fn closing_sends_what_waits() {
    let (python, [(client, _)]) = clients().await;
    for _ in 0..500 {
        client.register(&[json_event("x")]).await.unwrap();
    }
    within("closed", client.async_close()).await;
    python.report("disconnected").await;
    assert_eq!(python.ask("registered", json!({})).await, 500);
}

/// `callback-requests`
#[tokio::test]
async fn a_callback_that_waits_for_an_answer_waits_for_good() {
    let (served, python) = (Served::start().await, Peer::start());
    python.connect("a", &served.address(), json!({"subscriptions": [["*"]], "ask": 0.5})).await;
    served.server.notify_events(&[event()], false);
    python.report("events").await;
    assert_eq!(python.report("asked").await["answered"], false);
    // It was answered, but nobody read that; see `a_callback_makes_requests` for what is done here.
    assert_eq!(served.handler.queries.lock().unwrap().len(), 1);
}

/// `wire-refused`; see `clients_are_refused_with_the_reason` for what is done here.
#[tokio::test]
async fn ids_out_of_range_are_accepted() {
    let (python, address) = Peer::listening(json!({})).await;
    python.connect("a", &address.to_string(), json!({"server_id": -1})).await;
    assert_eq!(python.report("connected").await["server_id"], -1);
}
