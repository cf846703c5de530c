//! What a client does with its server, which the tests play.

mod common;

use std::time::Duration;

use common::{answer, event, event_type, played, send, to_register, types};
use hat_event_chatter::{CloseReason, Conversation, Outgoing, Receiver};
use hat_event_common::{
    MsgEventsAck, MsgEventsNotify, MsgInitRes, MsgQueryReq, MsgQueryRes, MsgRegisterRes, MsgStatusNotify,
    QueryLatestParams, QueryParams, QueryResult, QueryServerParams, QueryTimeseriesParams, Sbs, ServerId, Status,
};
use hat_event_eventer::{Client, ClientOptions, ConnectError, Events, RequestError};
use tokio::time::{Instant, timeout};

const NOTIFY: &str = "HatEventer.MsgEventsNotify";

/// A client that was let in, and its server. The server's connection goes on only while the test waits for it.
async fn accepted(options: ClientOptions) -> (Receiver, Client, Events) {
    let (mut server, client) = played(options).await;
    let init = Conversation { owner: false, first: 1 };
    let data = [MsgInitRes::Success(Status::Operational).to_sbs_bytes()];
    server.sender().send(&Outgoing::answer(init, "HatEventer.MsgInitRes", &data)).unwrap();
    let (client, events) = tokio::select! {
        client = client => client.unwrap().unwrap(),
        _ = server.receive() => panic!("nothing is sent yet"),
    };
    (server, client, events)
}

fn options() -> ClientOptions {
    ClientOptions::new("a").subscribe([event_type("*")])
}

fn notify(server: &Receiver, session: u64, wants_ack: bool) {
    send(server, NOTIFY, &MsgEventsNotify(vec![event("x", 1, session)]), wants_ack);
}

/// Lets the server's connection go on by itself.
fn leave(mut server: Receiver) {
    tokio::spawn(async move { server.closed().await });
}

#[tokio::test]
async fn who_is_refused_or_misunderstood_is_told() {
    let (mut server, client) = played(options()).await;
    let init = Conversation { owner: false, first: 1 };
    let data = [MsgInitRes::Error("go away".into()).to_sbs_bytes()];
    server.sender().send(&Outgoing::answer(init, "HatEventer.MsgInitRes", &data)).unwrap();
    assert_eq!(server.receive().await, Err(CloseReason::Peer));
    let error = client.await.unwrap().unwrap_err();
    assert_eq!(error.to_string(), "refused by the server: go away");

    for (data_type, data) in [("HatEventer.MsgInitRes", &b"\x85"[..]), ("HatEventer.MsgStatusNotify", b"\x80")] {
        let (server, client) = played(options()).await;
        server.sender().send(&Outgoing::first(data_type, &[data.to_vec().into()], false)).unwrap();
        leave(server);
        let error = client.await.unwrap().unwrap_err();
        assert!(matches!(&error, ConnectError::Closed(CloseReason::Protocol(_))), "{error}");
    }

    let (server, client) = played(options()).await;
    drop(server);
    assert!(matches!(client.await.unwrap().unwrap_err(), ConnectError::Closed(_)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_not_waited_for() {
    let begin = Instant::now();
    let (server, client) = played(options()).await;
    leave(server);
    let error = client.await.unwrap().unwrap_err();
    assert!(matches!(error, ConnectError::Closed(CloseReason::HandshakeTimeout(_))), "{error}");
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn answers_find_their_requests_in_any_order() {
    let (mut server, client, _events) = accepted(options()).await;
    let mut asked = Vec::new();
    for number in 0..3 {
        let client = client.clone();
        asked.push(tokio::spawn(
            async move { client.register_with_response(&[to_register(&number.to_string())]).await },
        ));
        tokio::task::yield_now().await;
    }
    let mut requests = Vec::new();
    for _ in 0..3 {
        requests.push(server.receive().await.unwrap());
    }
    // One that nobody asked for, and one with the id of a request that the server itself made up.
    send(&server, "HatEventer.MsgRegisterRes", &MsgRegisterRes::Failure, false);
    for request in requests.iter().rev() {
        let text = request.conversation.first.to_string();
        answer(&server, request, "HatEventer.MsgRegisterRes", &MsgRegisterRes::Events(vec![event(&text, 1, 1)]));
    }
    leave(server);
    let mut got = Vec::new();
    for asked in asked {
        got.extend(types(&asked.await.unwrap().unwrap()));
    }
    let expected: Vec<String> = requests.iter().map(|request| request.conversation.first.to_string()).collect();
    assert_eq!(got, expected);
}

#[tokio::test(start_paused = true)]
async fn requests_end_with_their_time_and_with_the_connection() {
    let (mut server, client, mut events) = accepted(options()).await;
    let asking = client.clone();
    let begin = Instant::now();
    let asked = tokio::spawn(async move { asking.query(QueryServerParams::new(ServerId::MIN)).await });
    let request = server.receive().await.unwrap();
    // The server lives, but does not answer.
    let late = timeout(Duration::from_secs(40), server.receive()).await;
    assert!(late.is_err());
    assert_eq!(asked.await.unwrap(), Err(RequestError::TimedOut(Duration::from_secs(30))));
    assert!(begin.elapsed() >= Duration::from_secs(30));
    answer(&server, &request, "HatEventer.MsgQueryRes", &MsgQueryRes::default());

    let asking = client.clone();
    let asked = tokio::spawn(async move { asking.register_with_response(&[to_register("x")]).await });
    server.receive().await.unwrap();
    drop(server);
    assert_eq!(asked.await.unwrap(), Err(RequestError::Closed(CloseReason::Peer)));
    assert_eq!(client.closed().await, CloseReason::Peer);
    assert_eq!(client.register(&[]).await, Err(RequestError::Closed(CloseReason::Peer)));
    assert!(!client.is_open() && events.next().await.is_none());
}

#[tokio::test]
async fn answers_of_the_wrong_kind_end_the_connection() {
    for (data_type, data) in
        [("HatEventer.MsgRegisterRes", &b"\x81"[..]), ("HatEventer.MsgQueryRes", b"\x00"), ("A.B", b"")]
    {
        let (mut server, client, _events) = accepted(options()).await;
        let asking = client.clone();
        let asked = tokio::spawn(async move { asking.query(QueryLatestParams::default()).await });
        let request = server.receive().await.unwrap();
        let data = [data.to_vec().into()];
        server.sender().send(&Outgoing::answer(request.conversation, data_type, &data)).unwrap();
        leave(server);
        let error = asked.await.unwrap().unwrap_err();
        assert!(matches!(&error, RequestError::Closed(CloseReason::Protocol(_))), "{error}");
        assert!(matches!(client.closed().await, CloseReason::Protocol(_)));
    }
}

#[tokio::test]
async fn pages_are_asked_for_until_there_are_no_more() {
    let (mut server, client, _events) = accepted(options()).await;
    let params = QueryTimeseriesParams { max_results: Some(1), ..QueryTimeseriesParams::default() };
    let asked = tokio::spawn(client.query_all(params).collect());
    for session in 1..=3 {
        let request = server.receive().await.unwrap();
        let MsgQueryReq(QueryParams::Timeseries(params)) =
            MsgQueryReq::from_sbs_bytes(request.data.data.clone()).unwrap()
        else {
            panic!("another query")
        };
        assert_eq!(params.last_event_id.map(|id| id.session.get()), (session > 1).then_some(session - 1));
        assert_eq!(params.max_results, Some(1));
        let result = QueryResult { events: vec![event(&session.to_string(), 1, session)], more_follows: session < 3 };
        answer(&server, &request, "HatEventer.MsgQueryRes", &MsgQueryRes(result));
    }
    leave(server);
    assert_eq!(types(&asked.await.unwrap().unwrap()), ["1", "2", "3"]);
}

#[tokio::test]
async fn pages_that_contradict_themselves_are_errors() {
    for (params, events) in [
        (QueryParams::from(QueryServerParams::new(ServerId::MIN)), vec![]),
        (QueryLatestParams::default().into(), vec![event("x", 1, 1)]),
    ] {
        let (mut server, client, _events) = accepted(options()).await;
        let asked = tokio::spawn(client.query_all(params).collect());
        let request = server.receive().await.unwrap();
        let result = QueryResult { events, more_follows: true };
        answer(&server, &request, "HatEventer.MsgQueryRes", &MsgQueryRes(result));
        leave(server);
        assert!(matches!(asked.await.unwrap(), Err(RequestError::Invalid(_))));
    }
}

#[tokio::test]
async fn events_are_acknowledged_once_they_were_handled() {
    let (mut server, _client, mut events) = accepted(options()).await;
    notify(&server, 1, true);
    notify(&server, 2, false);
    notify(&server, 3, true);
    let mut sessions = Vec::new();
    assert!(timeout(Duration::from_millis(30), server.receive()).await.is_err());
    sessions.push(events.next().await.unwrap()[0].id.session.get());
    assert!(timeout(Duration::from_millis(30), server.receive()).await.is_err(), "not handled yet");
    sessions.push(events.next().await.unwrap()[0].id.session.get());
    let ack = server.receive().await.unwrap();
    assert_eq!((&*ack.data.data_type, ack.conversation.first, ack.last), ("HatEventer.MsgEventsAck", 2, true));
    assert_eq!(MsgEventsAck::from_sbs_bytes(ack.data.data), Ok(MsgEventsAck));
    sessions.push(events.next().await.unwrap()[0].id.session.get());
    assert!(timeout(Duration::from_millis(30), server.receive()).await.is_err(), "the second wanted none");
    drop(events);
    assert_eq!(server.receive().await.unwrap().conversation.first, 4);
    assert_eq!(sessions, [1, 2, 3]);
    // Nobody takes events any more.
    notify(&server, 4, true);
    assert_eq!(server.receive().await.unwrap().conversation.first, 5);
}

#[tokio::test(start_paused = true)]
async fn callbacks_may_make_requests() {
    let (mut server, client, events) = accepted(options()).await;
    notify(&server, 1, true);
    let asking = client.clone();
    let handling = tokio::spawn(events.for_each(move |events| {
        let client = asking.clone();
        async move {
            client.register_with_response(&[to_register(&types(&events)[0])]).await.unwrap();
        }
    }));
    let request = server.receive().await.unwrap();
    assert_eq!(request.data.data_type, "HatEventer.MsgRegisterReq");
    answer(&server, &request, "HatEventer.MsgRegisterRes", &MsgRegisterRes::Events(vec![]));
    assert_eq!(server.receive().await.unwrap().data.data_type, "HatEventer.MsgEventsAck");
    drop(server);
    handling.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn events_that_nobody_takes_stop_reading_until_somebody_does() {
    let (mut server, client, mut events) = accepted(ClientOptions { max_waiting: 1000, ..options() }).await;
    for session in 0..20_000 {
        notify(&server, session, false);
    }
    assert!(timeout(Duration::from_secs(5), server.receive()).await.is_err());
    assert!(server.sender().queued() > 100_000, "what is between them is full");
    let taking = tokio::spawn(async move {
        for session in 0..20_000 {
            assert_eq!(events.next().await.unwrap()[0].id.session.get(), session);
        }
        events
    });
    while !taking.is_finished() {
        assert!(timeout(Duration::from_millis(10), server.receive()).await.is_err());
    }
    assert_eq!(server.sender().queued(), 0);
    assert!(client.is_open());
}

#[tokio::test(start_paused = true)]
async fn registrations_wait_for_a_server_that_is_slow() {
    let (mut server, client, _events) = accepted(ClientOptions { max_unsent: 1000, ..options() }).await;
    let registering = tokio::spawn(async move {
        for number in 0..20_000 {
            client.register(&[to_register(&number.to_string())]).await.unwrap();
        }
        client
    });
    // It does not read at all for a while.
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!registering.is_finished());
    for number in 0..20_000 {
        let request = server.receive().await.unwrap();
        assert_eq!(request.conversation.first, number + 2);
    }
    assert!(registering.await.unwrap().is_open());
}

#[tokio::test]
async fn status_changes_come_in_order() {
    let (server, client, _events) = accepted(options()).await;
    let mut status = client.watch_status();
    assert_eq!(client.status(), Status::Operational);
    send(&server, "HatEventer.MsgStatusNotify", &MsgStatusNotify(Status::Stopping), false);
    leave(server);
    status.changed().await.unwrap();
    assert_eq!((*status.borrow(), client.status()), (Status::Stopping, Status::Stopping));
}

#[tokio::test]
async fn who_drops_everything_leaves() {
    let (mut server, client, events) = accepted(options()).await;
    drop(client);
    notify(&server, 1, true);
    assert!(timeout(Duration::from_millis(30), server.receive()).await.is_err(), "somebody takes events");
    drop(events);
    assert_eq!(server.receive().await.unwrap().data.data_type, "HatEventer.MsgEventsAck");
    assert_eq!(server.receive().await, Err(CloseReason::Peer));
}
