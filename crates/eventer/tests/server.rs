//! What a server does with its clients.

mod common;

use std::time::Duration;

use common::{connect, event, event_type, open, open_chatter, send, server, server_with, to_register, types};
use hat_event_chatter::{CloseReason, Config, Outgoing};
use hat_event_common::{
    MsgInitReq, MsgInitRes, MsgRegisterReq, MsgRegisterRes, QueryServerParams, Sbs, ServerId, Status,
};
use hat_event_eventer::{Client, ClientOptions, ConnectError, RequestError, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn options(name: &str, query_types: &[&str]) -> ClientOptions {
    ClientOptions::new(name).subscribe(query_types.iter().map(|text| event_type(text)))
}

/// Waits until what was sent before has arrived: requests are answered in order.
async fn settle(client: &Client) {
    client.query(QueryServerParams::new(ServerId::MIN)).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn clients_are_let_in_and_refused_with_the_reason() {
    let (server, handler) = server();
    let (client, _events) = connect(&server, options("a", &["x/*"])).await.unwrap();
    let infos = server.connection_infos();
    assert_eq!((infos.len(), &*infos[0].client_name, infos[0].id.0), (1, "a", 1));
    assert!(infos[0].subscription.matches(&event_type("x/y")));

    let wrong = ClientOptions { client_token: Some("wrong".into()), ..options("b", &[]) };
    let error = connect(&server, wrong).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Refused(reason) if reason == "invalid client token"), "{error}");
    let error = connect(&server, options("c", &["a/*/b"])).await.unwrap_err();
    assert!(matches!(&error, ConnectError::Refused(reason) if reason.contains('*')), "{error}");
    assert_eq!(server.connection_infos().len(), 1);

    client.async_close().await;
    while !server.connection_infos().is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(handler.logged(), ["connected a", "connected b", "disconnected a"]);
}

#[tokio::test]
async fn requests_are_answered() {
    let (server, handler) = server();
    let (client, _events) = connect(&server, options("a", &[])).await.unwrap();
    client.register(&[to_register("quiet")]).await.unwrap();
    let events = client.register_with_response(&[to_register("b"), to_register("c")]).await.unwrap();
    assert_eq!(
        (types(&events), events[1].id.session.get(), events[1].id.instance.get()),
        (vec!["b".into(), "c".into()], 2, 2)
    );
    assert_eq!(client.register_with_response(&[]).await, Ok(vec![]));
    assert_eq!(client.register_with_response(&[to_register("failure")]).await, Err(RequestError::Failure));
    let params = QueryServerParams { max_results: Some(2), ..QueryServerParams::new(ServerId::MIN) };
    let page = client.query(params.clone()).await.unwrap();
    assert_eq!((types(&page.events), page.more_follows), (vec!["quiet".into(), "b".into()], true));
    assert_eq!(types(&client.query_all(params).collect().await.unwrap()), ["quiet", "b", "c"]);
    assert_eq!(handler.logged().len(), 1 + 4 + 3);
}

#[tokio::test]
async fn a_query_that_fails_closes_the_connection() {
    let (server, _handler) = server();
    let (client, _events) = connect(&server, options("a", &[])).await.unwrap();
    let (other, _other_events) = connect(&server, options("b", &[])).await.unwrap();
    let error = client.query(QueryServerParams::new(ServerId::from(666))).await.unwrap_err();
    assert_eq!(error, RequestError::Closed(CloseReason::Peer));
    settle(&other).await;
}

#[tokio::test]
async fn status_changes_are_told_once() {
    let (server, _handler) = server_with(ServerConfig { status: Status::Starting, ..ServerConfig::default() });
    let (client, _events) = connect(&server, options("a", &[])).await.unwrap();
    let mut status = client.watch_status();
    assert_eq!((client.status(), *status.borrow_and_update()), (Status::Starting, Status::Starting));
    server.set_status(Status::Starting);
    server.set_status(Status::Operational);
    assert_eq!(server.status(), Status::Operational);
    status.changed().await.unwrap();
    assert_eq!(*status.borrow_and_update(), Status::Operational);
    settle(&client).await;
    assert!(!status.has_changed().unwrap());
    let (late, _events) = connect(&server, options("b", &[])).await.unwrap();
    assert_eq!(late.status(), Status::Operational);
}

#[tokio::test]
async fn each_client_is_told_of_what_it_wants_in_one_message() {
    let (server, _handler) = server();
    let all = connect(&server, options("all", &["*"])).await.unwrap();
    let some = connect(&server, options("some", &["a/?", "c"])).await.unwrap();
    let of_two =
        connect(&server, ClientOptions { server_id: Some(ServerId::from(2)), ..options("two", &["*"]) }).await.unwrap();
    let persisted = connect(&server, ClientOptions { persisted: true, ..options("persisted", &["*"]) }).await.unwrap();
    let nothing = connect(&server, options("nothing", &[])).await.unwrap();

    let events = [event("a/1", 1, 1), event("b", 1, 1), event("c", 2, 1), event("a/2", 1, 1), event("a/2/3", 2, 1)];
    server.notify_events(&events, false);
    server.notify_events(&events[..1], true);
    server.notify_events(&events[1..2], false);
    server.notify_events(&[], false);
    let mut got = Vec::new();
    for (client, mut events) in [all, some, of_two, persisted, nothing] {
        settle(&client).await;
        client.close();
        let mut messages = Vec::new();
        while let Some(events) = events.next().await {
            messages.push(types(&events).join(" "));
        }
        got.push(messages);
    }
    assert_eq!(got[0], ["a/1 b c a/2 a/2/3", "b"]);
    assert_eq!(got[1], ["a/1 c a/2"]);
    assert_eq!(got[2], ["c a/2/3"]);
    assert_eq!(got[3], ["a/1"]);
    assert!(got[4].is_empty());
}

#[tokio::test(start_paused = true)]
async fn acknowledgements_are_waited_for() {
    let (server, _handler) = server();
    let (_client, mut events) = connect(&server, options("a", &["*"])).await.unwrap();
    let (leaving, leaving_events) = connect(&server, options("leaving", &["*"])).await.unwrap();
    let (_deaf, dropped) = connect(&server, options("deaf", &["*"])).await.unwrap();
    drop(dropped);

    let waiting = server.clone();
    let mut notified = tokio::spawn(async move { waiting.notify_events_with_ack(&[event("x", 1, 1)], false).await });
    assert_eq!(types(&events.next().await.unwrap()), ["x"]);
    let until = tokio::time::timeout(Duration::from_secs(5), &mut notified).await;
    assert!(until.is_err(), "neither handled by one nor is the other gone");
    drop((leaving, leaving_events));
    let until = tokio::time::timeout(Duration::from_secs(5), &mut notified).await;
    assert!(until.is_err(), "not handled yet");
    let next = tokio::spawn(async move { events.next().await });
    notified.await.unwrap();
    drop(next);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_acknowledge_is_cut_off() {
    let (server, _handler) = server();
    let (client, _events) = connect(&server, options("a", &["*"])).await.unwrap();
    let begin = tokio::time::Instant::now();
    server.notify_events_with_ack(&[event("x", 1, 1)], false).await;
    assert_eq!(begin.elapsed(), ServerConfig::default().ack_timeout);
    assert_eq!(client.closed().await, CloseReason::Peer);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_takes_long_holds_up_its_client_only_and_no_acknowledgements() {
    let (server, handler) = server();
    let (client, mut events) = connect(&server, options("a", &["*"])).await.unwrap();
    let (other, _other_events) = connect(&server, options("b", &[])).await.unwrap();
    let slow = client.clone();
    let slow = tokio::spawn(async move { slow.register_with_response(&[to_register("slow")]).await });
    while !handler.logged().contains(&"a registers slow".into()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let next = client.clone();
    let next = tokio::spawn(async move { next.register_with_response(&[to_register("next")]).await });
    other.register_with_response(&[to_register("other")]).await.unwrap();
    let taking = tokio::spawn(async move { while events.next().await.is_some() {} });
    server.notify_events_with_ack(&[event("x", 1, 1)], false).await;
    // Longer than pings take.
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert!(!slow.is_finished() && !next.is_finished());
    handler.slow.add_permits(1);
    assert_eq!(types(&slow.await.unwrap().unwrap()), ["slow"]);
    assert_eq!(types(&next.await.unwrap().unwrap()), ["next"]);
    drop(taking);
}

/// Regression: as long as a request of it was handled, a client that had left was waited for.
#[tokio::test(start_paused = true)]
async fn who_leaves_while_its_request_is_handled_is_not_waited_for() {
    let (server, handler) = server();
    let (client, _events) = connect(&server, options("a", &["*"])).await.unwrap();
    client.register(&[to_register("slow")]).await.unwrap();
    while !handler.logged().contains(&"a registers slow".into()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let waiting = server.clone();
    let notified = tokio::spawn(async move { waiting.notify_events_with_ack(&[event("x", 1, 1)], false).await });
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!notified.is_finished());
    client.close();
    tokio::time::timeout(Duration::from_secs(1), notified).await.expect("it is gone").unwrap();
    assert!(server.connection_infos().is_empty());

    // Its request comes to its end all the same, and only then is it said to be gone.
    assert_eq!(handler.logged(), ["connected a", "a registers slow"]);
    handler.slow.add_permits(1);
    while handler.logged().len() < 3 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(handler.logged()[2], "disconnected a");
    assert_eq!(types(&handler.events.lock().unwrap()), ["slow"]);
}

/// Regression: an acknowledgement in a conversation of the client's own, of the same number, counted as one.
#[tokio::test(start_paused = true)]
async fn only_what_answers_a_notification_acknowledges_it() {
    let (server, _handler) = server();
    let mut receiver = open_chatter(&server);
    let init = MsgInitReq { subscriptions: vec![event_type("*")], ..MsgInitReq::default() };
    send(&receiver, "HatEventer.MsgInitReq", &init, true);
    receiver.receive().await.unwrap();
    let waiting = server.clone();
    let notified = tokio::spawn(async move { waiting.notify_events_with_ack(&[event("x", 1, 1)], false).await });
    let message = receiver.receive().await.unwrap();
    // The second message of both sides.
    let own = receiver.sender().send(&Outgoing::first("HatEventer.MsgEventsAck", &[], false)).unwrap();
    assert_eq!((own.first, own.owner, message.conversation.owner), (message.conversation.first, true, false));
    assert!(tokio::time::timeout(Duration::from_secs(5), receiver.receive()).await.is_err());
    assert!(!notified.is_finished());
    receiver.sender().send(&Outgoing::answer(message.conversation, "HatEventer.MsgEventsAck", &[])).unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(1), receiver.receive()).await.is_err());
    assert!(notified.is_finished());
}

#[tokio::test]
async fn what_was_registered_before_the_end_of_a_connection_is_registered() {
    let (server, handler) = server();
    let (client, events) = connect(&server, options("a", &[])).await.unwrap();
    for number in 0..100 {
        client.register(&[to_register(&number.to_string())]).await.unwrap();
    }
    drop((client, events));
    while !handler.logged().contains(&"disconnected a".into()) {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let expected: Vec<String> = (0..100).map(|number| number.to_string()).collect();
    assert_eq!(types(&handler.events.lock().unwrap()), expected);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_cut_off_and_others_notice_nothing() {
    let (server, _handler) = server();
    let (client, mut events) = connect(&server, options("a", &["*"])).await.unwrap();
    let mut stuck = open(&server, 1000, Config { max_queued: 100_000, ..Config::default() });
    let init = MsgInitReq { subscriptions: vec![event_type("*")], ..MsgInitReq::default() };
    let mut msg = hat_event_chatter::Msg { id: 1, first: 1, owner: true, token: true, ..Default::default() };
    msg.data = hat_event_chatter::MsgData { data_type: "HatEventer.MsgInitReq".into(), data: init.to_sbs_bytes() };
    stuck.write_all(&msg.to_frame()).await.unwrap();
    while server.connection_infos().len() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut sent = 0;
    while server.connection_infos().len() == 2 {
        server.notify_events(&[event("x", 1, sent)], false);
        sent += 1;
        assert!(sent < 5000, "more than {} bytes", 5000 * 20);
        tokio::time::sleep(Duration::from_micros(10)).await;
    }
    assert_eq!(server.cut_off(), 1);
    settle(&client).await;
    for session in 0..sent {
        assert_eq!(events.next().await.unwrap()[0].id.session.get(), session);
    }
}

/// What the server says to a client that sends these messages, until the connection ends.
async fn spoken(messages: &[(&str, Vec<u8>)]) -> Vec<String> {
    let (server, _handler) = server();
    let (bystander, _events) = connect(&server, options("bystander", &[])).await.unwrap();
    let mut receiver = open_chatter(&server);
    for (data_type, data) in messages {
        receiver.sender().send(&Outgoing::first(data_type, &[data.clone().into()], true)).unwrap();
    }
    let mut answers = Vec::new();
    while let Ok(message) = receiver.receive().await {
        answers.push(message.data.data_type.to_string());
    }
    settle(&bystander).await;
    answers
}

#[tokio::test(start_paused = true)]
async fn who_breaks_the_protocol_is_disconnected() {
    let init = || ("HatEventer.MsgInitReq", MsgInitReq::default().to_sbs_bytes().to_vec());
    let register = || ("HatEventer.MsgRegisterReq", MsgRegisterReq(vec![]).to_sbs_bytes().to_vec());
    assert!(spoken(&[]).await.is_empty(), "it does not introduce itself");
    assert!(spoken(&[register()]).await.is_empty());
    assert!(spoken(&[("HatEventer.MsgInitReq", vec![1, 2, 3])]).await.is_empty());
    assert!(spoken(&[("HatEventer.MsgInitReq", vec![0x80; 70_000])]).await.is_empty());
    assert_eq!(spoken(&[init(), init()]).await, ["HatEventer.MsgInitRes"]);
    assert_eq!(
        spoken(&[init(), register(), ("Some.Thing", vec![])]).await,
        ["HatEventer.MsgInitRes", "HatEventer.MsgRegisterRes"]
    );
    assert_eq!(spoken(&[init(), ("HatEventer.MsgRegisterReq", vec![0x81])]).await, ["HatEventer.MsgInitRes"]);
}

#[tokio::test(start_paused = true)]
async fn pings_are_answered_and_silence_is_noticed() {
    let (server, _handler) = server();
    let mut receiver = open_chatter(&server);
    send(&receiver, "HatEventer.MsgInitReq", &MsgInitReq::default(), true);
    let answer = receiver.receive().await.unwrap();
    assert_eq!(MsgInitRes::from_sbs_bytes(answer.data.data), Ok(MsgInitRes::Success(Status::Standby)));
    // Both sides ask and answer.
    let nothing = tokio::time::timeout(Duration::from_secs(1000), receiver.receive()).await;
    assert!(nothing.is_err());
    send(&receiver, "HatEventer.MsgRegisterReq", &MsgRegisterReq(vec![]), true);
    let answer = receiver.receive().await.unwrap();
    assert_eq!(MsgRegisterRes::from_sbs_bytes(answer.data.data), Ok(MsgRegisterRes::Events(vec![])));

    let mut silent = open(&server, 1 << 16, Config::default());
    let begin = tokio::time::Instant::now();
    let mut rest = Vec::new();
    silent.read_to_end(&mut rest).await.unwrap();
    assert_eq!((rest.len(), begin.elapsed()), (0, Duration::from_secs(5)));
}

#[tokio::test]
async fn a_handler_that_panics_costs_its_own_client_only() {
    let (server, _handler) = server();
    let (client, _events) = connect(&server, options("a", &["*"])).await.unwrap();
    let (other, _other_events) = connect(&server, options("b", &[])).await.unwrap();
    let error = client.register_with_response(&[to_register("panic")]).await.unwrap_err();
    assert!(matches!(error, RequestError::Closed(_)), "{error}");
    settle(&other).await;
    let names = server.connection_infos().into_iter().map(|info| info.client_name.clone());
    assert_eq!(names.collect::<Vec<_>>(), ["b"]);
}
