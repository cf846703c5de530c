//! Idle connections stay, and a peer that does not answer is noticed, by either side.

use std::time::Duration;

use hat_event_chatter::{Address, CloseReason, Config};
use hat_event_common::QueryLatestParams;
use hat_event_eventer::{Client, ClientOptions};
use serde_json::json;

use super::peer::{Peer, within};
use super::served::Served;
use super::tap::{Side, Tap};
use super::values::{event_type, json_event, params_hex};

const PING: &str = "HatChatter.Ping";
const PONG: &str = "HatChatter.Pong";
/// So many pings have to pass.
const COUNT: usize = 5;

/// Whoever pings does so often; where nobody may be cut off, a busy machine has time.
fn pings(delay_ms: Option<u64>, timeout: Duration) -> Config {
    Config { ping_delay: delay_ms.map(Duration::from_millis), ping_timeout: timeout, ..Config::default() }
}

const LONG: Duration = Duration::from_secs(30);
const SHORT: Duration = Duration::from_millis(500);

/// A client of ours, over a line to a server of the reference.
async fn client_over_tap(python: &Peer, ours: Config, theirs: f64) -> (Client, Tap) {
    let server = python.listen(json!({"ping_delay": theirs, "ping_timeout": 0.5})).await;
    let tap = Tap::to(server.to_string()).await;
    let mut options = ClientOptions::new("a").subscribe([event_type("*")]);
    options.connection = ours;
    let address: Address = tap.address.parse().unwrap();
    let (client, _) = within("connected", Client::connect(&address, options)).await.unwrap();
    python.report("connected").await;
    (client, tap)
}

#[tokio::test]
async fn the_server_answers_pings() {
    let (served, python) = (Served::start().await, Peer::start());
    let tap = Tap::to(served.address()).await;
    python.connect("a", &tap.address, json!({"ping_delay": 0.03, "ping_timeout": 30})).await;
    for _ in 0..COUNT {
        tap.wait_for(Side::Client, PING, 1).await;
        tap.wait_for(Side::Server, PONG, 1).await;
    }
    python.ask("query", json!({"client": "a", "params": params_hex(QueryLatestParams::default())})).await;
    assert!(python.is_quiet().await);
}

#[tokio::test]
async fn the_server_pings() {
    let served = Served::on(Address::tcp("127.0.0.1", 0), pings(Some(30), LONG)).await;
    let python = Peer::start();
    let tap = Tap::to(served.address()).await;
    python.connect("a", &tap.address, json!({"ping_delay": 0})).await;
    for _ in 0..COUNT {
        tap.wait_for(Side::Server, PING, 1).await;
        tap.wait_for(Side::Client, PONG, 1).await;
    }
    python.ask("query", json!({"client": "a", "params": params_hex(QueryLatestParams::default())})).await;
    assert!(python.is_quiet().await);
}

#[tokio::test]
async fn the_client_pings() {
    let python = Peer::start();
    let (client, tap) = client_over_tap(&python, pings(Some(30), LONG), 0.0).await;
    for _ in 0..COUNT {
        tap.wait_for(Side::Client, PING, 1).await;
        tap.wait_for(Side::Server, PONG, 1).await;
    }
    within("registered", client.register_with_response(&[json_event("x")])).await.unwrap();
}

#[tokio::test]
async fn the_client_answers_pings() {
    let python = Peer::start();
    let (client, tap) = client_over_tap(&python, pings(None, LONG), 0.03).await;
    for _ in 0..COUNT {
        tap.wait_for(Side::Server, PING, 1).await;
        tap.wait_for(Side::Client, PONG, 1).await;
    }
    within("registered", client.register_with_response(&[json_event("x")])).await.unwrap();
}

#[tokio::test]
async fn the_server_notices_a_client_that_is_stopped() {
    let served = Served::on(Address::tcp("127.0.0.1", 0), pings(Some(100), SHORT)).await;
    let python = Peer::start();
    python.connect("a", &served.address(), json!({})).await;
    let came = served.came().await;
    python.stop().await;
    assert_eq!(served.went().await.id, came.id);
    assert!(served.server.connection_infos().is_empty());
}

#[tokio::test]
async fn the_client_notices_a_server_that_is_stopped() {
    let python = Peer::start();
    let (client, _tap) = client_over_tap(&python, pings(Some(100), SHORT), 0.0).await;
    python.stop().await;
    assert_eq!(within("closed", client.closed()).await, CloseReason::PingTimeout(SHORT));
    assert!(!client.is_open());
}

#[tokio::test]
async fn both_sides_notice_a_line_that_fails() {
    let served = Served::on(Address::tcp("127.0.0.1", 0), pings(Some(100), SHORT)).await;
    let python = Peer::start();
    let tap = Tap::to(served.address()).await;
    python.connect("a", &tap.address, json!({"ping_delay": 0.1, "ping_timeout": 0.5})).await;
    served.came().await;
    tap.fail();
    served.went().await;
    python.report("closed").await;

    let (client, tap) = client_over_tap(&python, pings(Some(100), SHORT), 0.1).await;
    tap.fail();
    assert_eq!(within("closed", client.closed()).await, CloseReason::PingTimeout(SHORT));
    python.report("disconnected").await;
}
