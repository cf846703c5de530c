//! A client that does not read, among others: `slow-client` of the book's page "Coming from Python".

use std::sync::Arc;
use std::time::Duration;

use hat_event_chatter::{Address, Config};
use hat_event_common::*;
use hat_event_eventer::{Client, ClientOptions};
use serde_json::json;
use tokio::time::timeout;

use super::peer::{Peer, within};
use super::served::Served;
use super::values::*;

fn large(len: usize) -> Event {
    large_event("a", len).register(EventId::new(1, 1, 1).unwrap(), Timestamp::MIN)
}

#[tokio::test]
async fn in_the_reference_all_others_wait_with_it_for_good() {
    let (python, address) = Peer::listening(json!({"ping_delay": 0.2, "ping_timeout": 0.2})).await;
    let python = Arc::new(python);
    let mut options = ClientOptions::new("a").subscribe([event_type("*")]);
    let (_good, mut events) = within("connected", Client::connect(&address, options.clone())).await.unwrap();
    options.max_waiting = 1;
    let (_slow, _untaken) = within("connected", Client::connect(&address, options)).await.unwrap();
    let count = 10_000;
    let notified = tokio::spawn({
        let (python, with) = (Arc::clone(&python), json!({"events": events_hex(&[large(8000)]), "times": count}));
        async move { python.attempt("notify", with).await }
    });
    let mut got = 0;
    // Many times as long as the server may wait for an answer to a ping.
    while let Ok(Some(_)) = timeout(Duration::from_secs(2), events.next()).await {
        got += 1;
    }
    assert!(got < count, "{got}");
    assert!(!notified.is_finished());
    notified.abort();
    assert_eq!(python.ask("infos", json!({})).await, json!(["a", "a"]));
}

#[tokio::test]
async fn here_it_is_cut_off_and_others_notice_nothing() {
    let config = Config { max_queued: 1 << 20, ..Config::default() };
    let served = Served::on(Address::tcp("127.0.0.1", 0), config).await;
    let (good, slow) = (Peer::start(), Peer::start());
    good.connect("good", &served.address(), json!({"subscriptions": [["*"]]})).await;
    served.came().await;
    slow.connect("slow", &served.address(), json!({"subscriptions": [["*"]]})).await;
    served.came().await;
    slow.stop().await;
    let event = large(64 << 10);
    // More than the system keeps of a connection.
    for _ in 0..400 {
        served.server.notify_events(std::slice::from_ref(&event), false);
        good.report("events").await;
    }
    assert_eq!(served.went().await.client_name, "slow");
    assert_eq!((served.server.cut_off(), served.server.connection_infos().len()), (1, 1));
}
