//! Registrations of one client run at once, and the client sees what it would if they ran one after the other.

mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{Scripted, open, open_chatter, send, server, server_with, to_register, types};
use hat_event_chatter::{Address, CloseReason, Config, Outgoing, Peer, Received, Receiver, Until};
use hat_event_common::{
    EventPayload, MsgInitReq, MsgQueryReq, MsgRegisterReq, MsgRegisterRes, QueryResult, QueryServerParams,
    RegisterEvent, Sbs, ServerId,
};
use hat_event_eventer::{Server, ServerConfig};
use tokio::time::sleep;

/// A client that is let in, and speaks in messages.
async fn introduced(server: &Server) -> Receiver {
    let mut client = open_chatter(server);
    introduce(&mut client).await;
    client
}

async fn introduce(client: &mut Receiver) {
    send(client, "HatEventer.MsgInitReq", &MsgInitReq { client_name: "a".into(), ..MsgInitReq::default() }, true);
    client.receive().await.unwrap();
}

fn register(client: &Receiver, name: &str) {
    register_events(client, vec![to_register(name)]);
}

fn register_events(client: &Receiver, events: Vec<RegisterEvent>) {
    send(client, "HatEventer.MsgRegisterReq", &MsgRegisterReq(events), true);
}

fn query(client: &Receiver, server: u32) {
    let params = QueryServerParams::new(ServerId::from(server));
    send(client, "HatEventer.MsgQueryReq", &MsgQueryReq(params.into()), true);
}

/// What is answered next: the types of events.
async fn answer(client: &mut Receiver) -> Vec<String> {
    let Received { data, .. } = client.receive().await.unwrap();
    match &*data.data_type {
        "HatEventer.MsgRegisterRes" => match MsgRegisterRes::from_sbs_bytes(data.data).unwrap() {
            MsgRegisterRes::Events(events) => types(&events),
            MsgRegisterRes::Failure => vec!["failure".to_owned()],
        },
        "HatEventer.MsgQueryRes" => types(&QueryResult::from_sbs_bytes(data.data).unwrap().events),
        other => panic!("{other}"),
    }
}

/// What has happened when nothing does any more: time is virtual, and passes when nobody has anything to do.
async fn settled(client: &mut Receiver, handler: &Arc<Scripted>) -> Vec<String> {
    // The connection goes on, and no answer is taken.
    let _ = tokio::time::timeout(Duration::from_millis(100), client.advance(Until::default())).await;
    handler.logged()
}

/// The same without a client; longer than closing may take.
async fn after_a_while(handler: &Arc<Scripted>) -> Vec<String> {
    sleep(Duration::from_secs(1)).await;
    handler.logged()
}

/// Nothing is answered for the time being.
async fn nothing(client: &mut Receiver) {
    tokio::time::timeout(Duration::from_millis(100), client.receive()).await.expect_err("nothing is answered");
}

/// Of five registrations so many are begun at once, and a further one whenever one ends; all are answered.
async fn five_are_begun(client: &mut Receiver, handler: &Arc<Scripted>, begun: usize, what: &str) {
    (0..5).for_each(|_| register(client, "slow"));
    for ended in 0..=5 {
        assert_eq!(settled(client, handler).await.len(), 1 + (begun + ended).min(5), "{ended} ended, {what}");
        handler.slow.add_permits(1);
    }
    for _ in 0..5 {
        assert_eq!(answer(client).await, ["slow"]);
    }
}

#[tokio::test(start_paused = true)]
async fn they_begin_at_once_and_are_answered_in_order() {
    let (server, handler) = server();
    let mut client = introduced(&server).await;
    for name in ["slow", "b", "failure", "slow", "e"] {
        register(&client, name);
    }
    nothing(&mut client).await;
    let begun = ["a registers slow", "a registers b", "a registers failure", "a registers slow", "a registers e"];
    assert_eq!(handler.logged()[1..], begun);
    handler.slow.add_permits(1);
    for expected in ["slow", "b", "failure"] {
        assert_eq!(answer(&mut client).await, [expected]);
    }
    nothing(&mut client).await;
    handler.slow.add_permits(1);
    assert_eq!(answer(&mut client).await, ["slow"]);
    assert_eq!(answer(&mut client).await, ["e"]);
}

#[tokio::test(start_paused = true)]
async fn a_query_sees_the_registrations_before_it_and_none_behind_it() {
    let (server, handler) = server();
    let mut client = introduced(&server).await;
    register(&client, "slow");
    register(&client, "b");
    query(&client, 667);
    register(&client, "c");
    query(&client, 1);
    let mut log = vec!["connected a", "a registers slow", "a registers b"];
    assert_eq!(settled(&mut client, &handler).await, log, "the query waits");
    handler.slow.add_permits(1);
    log.push("a queries");
    assert_eq!(settled(&mut client, &handler).await, log, "the registration behind it waits");
    handler.slow.add_permits(1);
    log.extend(["a registers c", "a queries"]);
    assert_eq!(settled(&mut client, &handler).await, log);
    for expected in [&["slow"][..], &["b"], &["slow", "b"], &["c"], &["slow", "b", "c"]] {
        assert_eq!(answer(&mut client).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_are_under_way_than_allowed() {
    for (allowed, begun) in [(3, 3), (1, 1), (0, 1)] {
        let (server, handler) = server_with(ServerConfig { max_registering: allowed, ..ServerConfig::default() });
        let mut client = introduced(&server).await;
        five_are_begun(&mut client, &handler, begun, &format!("allowed {allowed}")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_is_read_than_may_wait() {
    let (server, handler) = server_with(ServerConfig { max_waiting: 1, ..ServerConfig::default() });
    let mut client = introduced(&server).await;
    // The oldest does not wait, and the next one is too much.
    five_are_begun(&mut client, &handler, 2, "all that may wait").await;
}

#[tokio::test(start_paused = true)]
async fn what_was_taken_comes_to_its_end_before_the_client_is_gone() {
    let (server, handler) = server_with(ServerConfig { max_registering: 4, ..ServerConfig::default() });
    let mut client = introduced(&server).await;
    for number in 0..10 {
        register(&client, if number % 2 == 0 { "slow" } else { "b" });
    }
    query(&client, 1);
    assert_eq!(settled(&mut client, &handler).await.len(), 1 + 4);
    drop(client);
    assert_eq!(after_a_while(&handler).await.len(), 1 + 4);
    assert!(server.connection_infos().is_empty());
    for _ in 0..5 {
        assert!(!after_a_while(&handler).await.contains(&"disconnected a".to_owned()));
        handler.slow.add_permits(1);
    }
    let log = after_a_while(&handler).await;
    assert_eq!((log.len(), &*log[11]), (1 + 10 + 1, "disconnected a"), "nobody is there for the query");
    assert_eq!(types(&handler.events.lock().unwrap()), ["slow", "b"].repeat(5));
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_the_connection_and_none_of_the_others() {
    let (server, handler) = server();
    let mut client = introduced(&server).await;
    for name in ["slow", "panic", "slow", "d"] {
        register(&client, name);
    }
    nothing(&mut client).await;
    handler.slow.add_permits(1);
    assert_eq!(answer(&mut client).await, ["slow"]);
    assert_eq!(client.receive().await.unwrap_err(), CloseReason::Peer);
    assert!(!after_a_while(&handler).await.contains(&"disconnected a".to_owned()), "one is under way");
    handler.slow.add_permits(1);
    assert_eq!(after_a_while(&handler).await.last().unwrap(), "disconnected a");
    assert_eq!(types(&handler.events.lock().unwrap()), ["slow", "slow", "d"]);
}

/// Answers that are there at once do not go out at once, or who reads them as they come would be cut off.
#[tokio::test(start_paused = true)]
async fn who_takes_answers_slowly_gets_them_one_by_one() {
    let limits = ServerConfig { max_unsent: 1, ..ServerConfig::default() };
    let (server, handler) = server_with(limits);
    let stream = open(&server, 100, Config { max_queued: 10_000, ..Config::default() });
    let peer = Peer { local: Address::tcp("memory", 1), remote: Address::tcp("memory", 2) };
    let mut client = Receiver::over(stream, peer, Config { handshake_timeout: None, ..Config::default() });
    introduce(&mut client).await;
    let payload = EventPayload::json(&"x".repeat(8_000)).unwrap();
    let large = RegisterEvent { payload: Some(payload), ..to_register("slow") };
    (0..5).for_each(|_| register_events(&client, vec![large.clone()]));
    nothing(&mut client).await;
    assert_eq!(handler.logged().len(), 1 + 5);
    handler.slow.add_permits(5);
    for _ in 0..5 {
        sleep(Duration::from_secs(1)).await;
        assert_eq!(answer(&mut client).await, ["slow"]);
    }
    assert_eq!(server.cut_off(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_without_an_end_does_not_put_off_what_is_under_way() {
    let (server, handler) = server();
    let mut client = introduced(&server).await;
    register(&client, "slow");
    assert_eq!(settled(&mut client, &handler).await.len(), 2);
    // All of them have arrived when the server goes on, and it takes them out of one piece.
    for _ in 0..1_000 {
        client.sender().send(&Outgoing::first("HatEventer.MsgEventsAck", &[], false)).unwrap();
    }
    register(&client, "b");
    handler.slow.add_permits(1);
    assert_eq!(answer(&mut client).await, ["slow"]);
    assert_eq!(answer(&mut client).await, ["b"]);
    assert_eq!(*handler.slow_ended.lock().unwrap(), [2], "before the last message was taken");
}
