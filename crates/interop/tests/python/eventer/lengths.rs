//! Messages whose length takes one to four bytes, each way between both.

use std::collections::BTreeSet;

use hat_event_chatter::Address;
use hat_event_eventer::{Client, ClientOptions};
use serde_json::json;

use super::peer::{Peer, within};
use super::served::Served;
use super::tap::{Side, Tap};
use super::values::*;

/// How long payloads are: from 1 byte of length on, around the steps to 2 and to 3, and beyond that to 4.
fn lens() -> impl Iterator<Item = usize> {
    (100..256).chain((65_536 - 140..65_536).step_by(4)).chain([17 << 20])
}

/// How many bytes the lengths of messages with events took, each way.
async fn seen(tap: &Tap, count: usize) -> BTreeSet<(Side, usize)> {
    let mut seen = BTreeSet::new();
    for side in [Side::Client, Side::Server].repeat(count) {
        let message = loop {
            let message = tap.next().await;
            if message.data_type.contains(".MsgRegister") {
                break message;
            }
        };
        assert_eq!(message.from, side);
        seen.insert((side, message.len_bytes));
    }
    seen
}

fn all_lengths() -> BTreeSet<(Side, usize)> {
    [Side::Client, Side::Server].into_iter().flat_map(|side| (1..=4).map(move |len| (side, len))).collect()
}

#[tokio::test]
async fn a_client_of_the_reference_and_our_server() {
    let (served, python) = (Served::start().await, Peer::start());
    let tap = Tap::to(served.address()).await;
    python.connect("a", &tap.address, json!({})).await;
    for len in lens() {
        let wanted = [large_event("x", len)];
        let answer = python.ask("register", json!({"client": "a", "events": register_hex(&wanted)})).await;
        assert!(unregistered(&events(&answer)) == wanted, "{len}");
    }
    assert_eq!(seen(&tap, lens().count()).await, all_lengths());
}

#[tokio::test]
async fn our_client_and_a_server_of_the_reference() {
    let (_python, server) = Peer::listening(json!({})).await;
    let tap = Tap::to(server.to_string()).await;
    let address: Address = tap.address.parse().unwrap();
    let (client, _) = within("connected", Client::connect(&address, ClientOptions::new("a"))).await.unwrap();
    for len in lens() {
        let wanted = [large_event("x", len)];
        let events = within("registered", client.register_with_response(&wanted)).await.unwrap();
        assert!(unregistered(&events) == wanted, "{len}");
    }
    assert_eq!(seen(&tap, lens().count()).await, all_lengths());
}
