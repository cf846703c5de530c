//! Clients of this project on a server of the reference.

use hat_event_chatter::{Address, CloseReason};
use hat_event_common::*;
use hat_event_eventer::{Client, ClientOptions, ConnectError, Events, RequestError};
use hat_event_interop::Random;
use serde_json::json;
use tokio::task::JoinSet;

use super::peer::{Peer, within};
use super::values::*;
use crate::trial::seed;
use crate::values;

pub(crate) async fn connect(address: &Address, options: ClientOptions) -> Result<(Client, Events), ConnectError> {
    within("connected", Client::connect(address, options)).await
}

/// A client of everything, of whose connection the server has told.
pub(crate) async fn connect_to(python: &Peer, address: &Address) -> (Client, Events) {
    let connected = connect(address, ClientOptions::new("a").subscribe([event_type("*")])).await.unwrap();
    python.report("connected").await;
    connected
}

#[tokio::test]
async fn the_client_introduces_itself_and_learns_the_status() {
    let (python, address) = Peer::listening(json!({})).await;
    let mut options = ClientOptions::new("ime").subscribe([event_type("b/*"), event_type("a/?")]);
    options.client_token = Some("žeton".to_owned());
    options.server_id = Some(ServerId::new(7).unwrap());
    options.persisted = true;
    let (client, _events) = connect(&address, options).await.unwrap();
    assert_eq!(
        python.report("connected").await,
        json!({
            "report": "connected", "name": "ime", "token": "žeton", "subscriptions": [["a", "?"], ["b", "*"]],
            "server_id": 7, "persisted": true,
        })
    );
    assert_eq!(client.status(), Status::Standby);
    let mut status = client.watch_status();
    for next in [Status::Starting, Status::Operational, Status::Stopping, Status::Standby] {
        let name = format!("{next:?}").to_uppercase();
        python.ask("set_status", json!({"status": name})).await;
        within("another status", status.changed()).await.unwrap();
        assert_eq!((*status.borrow_and_update(), client.status()), (next, next));
    }
    assert_eq!(python.ask("infos", json!({})).await, json!(["ime"]));
    within("closed", client.async_close()).await;
    assert_eq!(python.report("disconnected").await["name"], "ime");
    assert_eq!(python.ask("infos", json!({})).await, json!([]));
}

#[tokio::test]
async fn the_reason_of_a_refusal_is_told() {
    let (python, address) = Peer::listening(json!({})).await;
    let mut options = ClientOptions::new("a");
    options.client_token = Some("wrong".to_owned());
    match connect(&address, options).await {
        Err(ConnectError::Refused(reason)) => assert_eq!(reason, "krivi žeton"),
        other => panic!("{other:?}"),
    }
    assert_eq!(python.ask("infos", json!({})).await, json!([]));
    let nobody = connect(&Address::tcp("127.0.0.1", 1), ClientOptions::new("a")).await;
    assert!(matches!(nobody, Err(ConnectError::Connect(_))), "{nobody:?}");
}

#[tokio::test]
async fn events_are_registered_or_not() {
    let (python, address) = Peer::listening(json!({})).await;
    let (client, _events) = connect_to(&python, &address).await;
    let wanted = [json_event("x"), large_event("x", 3)];
    client.register(&wanted).await.unwrap();
    let events = within("registered", client.register_with_response(&wanted)).await.unwrap();
    assert_eq!(unregistered(&events), wanted);
    assert_eq!((events[1].id, events[1].timestamp.us()), (EventId::new(7, 2, 2).unwrap(), 123));
    assert_eq!(within("nothing registered", client.register_with_response(&[])).await, Ok(vec![]));
    let failure = within("failure", client.register_with_response(&[json_event("failure")])).await;
    assert_eq!(failure, Err(RequestError::Failure));
    assert_eq!(python.ask("registered", json!({})).await, 4);
    let (odd, usual) = odd_json();
    let odd = RegisterEvent { payload: Some(odd), ..json_event("x") };
    let events = within("registered", client.register_with_response(&[odd])).await.unwrap();
    assert_eq!(events[0].payload, Some(usual));
    // An exception there ends the connection.
    let error = within("error", client.register_with_response(&[json_event("error")])).await;
    assert_eq!(error, Err(RequestError::Closed(CloseReason::Peer)));
    assert_eq!(within("closed", client.closed()).await, CloseReason::Peer);
    assert_eq!(client.register(&wanted).await, Err(RequestError::Closed(CloseReason::Peer)));
}

#[tokio::test]
async fn random_events_and_queries_come_as_they_were_sent() {
    let (python, address) = Peer::listening(json!({})).await;
    let (client, mut notified) = connect_to(&python, &address).await;
    let mut random = Random::new(seed("eventer, client"), "eventer client", 0);
    for case in 0..150 {
        let mut wanted = random.list(6, values::register_event);
        wanted.insert(0, json_event("x"));
        let registered = within("registered", client.register_with_response(&wanted)).await.unwrap();
        assert_eq!(unregistered(&registered), wanted, "case {case}");
        let latest = within("latest", client.query(QueryLatestParams::default())).await.unwrap();
        assert_eq!(latest.events, registered[registered.len() - 1..], "case {case}");
        python.report("query").await;

        let any = random.list(4, values::event);
        python.ask("notify", json!({"events": events_hex(&any)})).await;
        if !any.is_empty() {
            assert_eq!(within("events", notified.next()).await, Some(any), "case {case}");
        }
        let mut params = values::query_params(&mut random);
        if let QueryParams::Server(params) = &mut params {
            params.server_id = ServerId::new(1).unwrap();
        }
        if let QueryParams::Server(QueryServerParams { max_results, .. })
        | QueryParams::Timeseries(QueryTimeseriesParams { max_results, .. }) = &mut params
        {
            *max_results = max_results.map(|max| max % 3);
        }
        within("result", client.query(params.clone())).await.unwrap();
        assert_eq!(super::values::params(&python.report("query").await["params"]), params, "case {case}");
    }
}

#[tokio::test]
async fn pages_are_followed_to_the_end() {
    let (python, address) = Peer::listening(json!({})).await;
    let (client, _events) = connect_to(&python, &address).await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.extend(client.register_with_response(&[json_event("x"), json_event("y")]).await.unwrap());
    }
    let timeseries = QueryTimeseriesParams { max_results: Some(3), ..QueryTimeseriesParams::default() };
    assert_eq!(within("pages", client.query_all(timeseries).collect()).await.unwrap(), all);
    let server_id = ServerId::new(1).unwrap();
    let mut server = QueryServerParams { server_id, persisted: true, max_results: Some(4), last_event_id: None };
    let mut pages = client.query_all(server.clone());
    let mut lens = Vec::new();
    while let Some(page) = within("a page", pages.next()).await.unwrap() {
        lens.push(page.len());
    }
    assert_eq!(lens, [4, 4, 2]);
    server.server_id = ServerId::new(666).unwrap();
    let failed = within("failed", client.query(server)).await;
    assert_eq!(failed, Err(RequestError::Closed(CloseReason::Peer)));
}

#[tokio::test]
async fn many_requests_at_once() {
    let (python, address) = Peer::listening(json!({})).await;
    let (client, _events) = connect_to(&python, &address).await;
    let mut requests = JoinSet::new();
    for len in 0..400usize {
        let client = client.clone();
        requests.spawn(async move {
            let wanted = [large_event(if len == 0 { "slow" } else { "x" }, len)];
            let events = client.register_with_response(&wanted).await.unwrap();
            assert_eq!(unregistered(&events), wanted);
        });
    }
    python.ask("release", json!({})).await;
    while let Some(answered) = within("an answer", requests.join_next()).await {
        answered.unwrap();
    }
    assert_eq!(python.ask("registered", json!({})).await, 400);
}
