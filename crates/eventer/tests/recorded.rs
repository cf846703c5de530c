//! The recorded eventer connections, each side against ours: what ours sends is what was recorded, byte for byte.
//!
//! The protocol determines the bytes of every message and, but for notifications and pings, when it is sent. Those are
//! provoked where the transcript has them: by telling the server of events and status, and by letting time pass.

mod common;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use common::bytes_and_receiver;
use hat_event_chatter::{FrameSplitter, Msg};
use hat_event_common::{
    BoxError, Event, Message, MsgInitRes, MsgRegisterRes, QueryParams, QueryResult, RegisterEvent, Status,
};
use hat_event_eventer::{Client, ClientOptions, ConnectError, ConnectionInfo, Handler, Server, ServerConfig};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::task::JoinSet;

const CONNECTIONS: std::ops::RangeInclusive<u64> = 1..=6;

/// A message that passed.
struct Passed {
    by_client: bool,
    bytes: Bytes,
    msg: Msg,
    /// `None` for pings.
    message: Option<Message>,
}

/// The messages of a connection, in the order in which they passed.
fn passed(conn: u64) -> Vec<Passed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../chatter/tests/sample");
    let read = |path: PathBuf| std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let transcript = String::from_utf8(read(folder.join("transcript.jsonl"))).unwrap();
    let [by_client, by_server] =
        ["c2s.bin", "s2c.bin"].map(|file| Bytes::from(read(folder.join(format!("conn-{conn:02}")).join(file))));
    let lines = transcript.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let of_conn = lines.filter(|line| line["conn"] == conn);
    let passed: Vec<Passed> = of_conn
        .map(|line| {
            let is_client = line["dir"] == "c2s";
            let number = |key: &str| line[key].as_u64().unwrap() as usize;
            let data = if is_client { &by_client } else { &by_server };
            let bytes = data.slice(number("offset")..number("offset") + number("length"));
            let mut splitter = FrameSplitter::new();
            splitter.feed(&bytes);
            let msg = splitter.next_frame().unwrap().unwrap().decode().unwrap();
            let message = Message::decode(&msg.data.data_type, msg.data.data.clone()).ok();
            Passed { by_client: is_client, bytes, msg, message }
        })
        .collect();
    assert!(!passed.is_empty());
    passed
}

/// Waits for as many bytes as were recorded, and compares them.
async fn expect(stream: &mut DuplexStream, passed: &Passed) {
    let mut bytes = vec![0; passed.bytes.len()];
    stream.read_exact(&mut bytes).await.unwrap();
    assert!(bytes == passed.bytes, "{:?}\nis not\n{:?}", Bytes::from(bytes), passed.bytes);
}

/// Does what the recorded server did.
struct Recorded {
    refuses: Option<String>,
    /// What is answered to registrations, in their order; those that want no answer have none.
    registered: Mutex<VecDeque<Option<Vec<Event>>>>,
    found: Mutex<VecDeque<QueryResult>>,
    /// The registrations, as they came.
    requests: Mutex<Vec<Vec<RegisterEvent>>>,
}

impl Recorded {
    fn new(passed: &[Passed]) -> Self {
        let answer_to = |request: &Msg| {
            let answer = passed
                .iter()
                .find(|passed| !passed.by_client && !passed.msg.owner && passed.msg.first == request.first);
            answer.and_then(|passed| passed.message.clone())
        };
        let (mut registered, mut found, mut refuses) = (VecDeque::new(), VecDeque::new(), None);
        for Passed { msg, message, .. } in passed.iter().filter(|passed| passed.by_client) {
            match (message, answer_to(msg)) {
                (Some(Message::RegisterReq(_)), Some(Message::RegisterRes(MsgRegisterRes::Events(events)))) => {
                    registered.push_back(Some(events));
                }
                (Some(Message::RegisterReq(_)), _) => registered.push_back(None),
                (Some(Message::QueryReq(_)), Some(Message::QueryRes(result))) => found.push_back(result.0),
                (Some(Message::InitReq(_)), Some(Message::InitRes(MsgInitRes::Error(error)))) => {
                    refuses = Some(error.to_string());
                }
                _ => {}
            }
        }
        Self { refuses, registered: registered.into(), found: found.into(), requests: Mutex::default() }
    }
}

#[async_trait]
impl Handler for Recorded {
    async fn connected(&self, _: &Arc<ConnectionInfo>) -> Result<(), BoxError> {
        self.refuses.clone().map_or(Ok(()), |error| Err(error.into()))
    }

    async fn register(&self, _: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        self.requests.lock().unwrap().push(events);
        self.registered.lock().unwrap().pop_front().unwrap().map(Into::into)
    }

    async fn query(&self, _: &Arc<ConnectionInfo>, _: QueryParams) -> Result<QueryResult, BoxError> {
        Ok(self.found.lock().unwrap().pop_front().unwrap())
    }
}

/// Plays the recorded client, in pieces of some length, to our server.
async fn check_server(conn: u64, piece: usize) {
    let passed = passed(conn);
    let handler = Arc::new(Recorded::new(&passed));
    let first_status = passed.iter().find_map(|passed| match passed.message {
        Some(Message::InitRes(MsgInitRes::Success(status))) => Some(status),
        _ => None,
    });
    let config = ServerConfig { status: first_status.unwrap_or(Status::Standby), ..ServerConfig::default() };
    let server = Server::new(Arc::clone(&handler) as _, config);
    let (mut client, receiver) = bytes_and_receiver();
    let serving = server.clone();
    let served = tokio::spawn(async move { serving.serve(receiver).await });
    for passed in &passed {
        if passed.by_client {
            for piece in passed.bytes.chunks(piece) {
                client.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            continue;
        }
        match &passed.message {
            Some(Message::StatusNotify(notify)) => server.set_status(notify.0),
            Some(Message::EventsNotify(notify)) => {
                let persisted = server.connection_infos()[0].persisted;
                server.notify_events(&notify.0, persisted);
            }
            // Answers come by themselves, and pings when time has passed.
            _ => {}
        }
        expect(&mut client, passed).await;
    }
    client.shutdown().await.unwrap();
    let mut rest = Vec::new();
    client.read_to_end(&mut rest).await.unwrap();
    assert!(rest.is_empty(), "{rest:?}");
    served.await.unwrap();

    let requests = passed.iter().filter(|passed| passed.by_client).filter_map(|passed| match &passed.message {
        Some(Message::RegisterReq(request)) => Some(request.0.clone()),
        _ => None,
    });
    assert_eq!(*handler.requests.lock().unwrap(), requests.collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn our_server_sends_what_the_recorded_one_sent() {
    for conn in CONNECTIONS {
        for piece in [usize::MAX, 1, 7] {
            check_server(conn, piece).await;
        }
    }
}

/// Plays the recorded server, in pieces of some length, to our client.
async fn check_client(conn: u64, piece: usize) {
    let passed = passed(conn);
    let Some(Message::InitReq(init)) = passed[0].message.clone() else { panic!("no introduction") };
    let options = ClientOptions {
        client_token: init.client_token.map(|token| token.to_string()),
        subscriptions: init.subscriptions,
        server_id: init.server_id,
        persisted: init.persisted,
        ..ClientOptions::new(init.client_name.to_string())
    };
    let (mut server, receiver) = bytes_and_receiver();
    let connecting = tokio::spawn(Client::introduce(receiver, options));
    expect(&mut server, &passed[0]).await;
    server.write_all(&passed[1].bytes).await.unwrap();
    let (client, mut events) = match (connecting.await.unwrap(), &passed[1].message) {
        (Ok(connected), Some(Message::InitRes(MsgInitRes::Success(status)))) => {
            assert_eq!(connected.0.status(), *status);
            connected
        }
        (Err(ConnectError::Refused(error)), Some(Message::InitRes(MsgInitRes::Error(expected)))) => {
            assert_eq!(error, expected.to_string());
            return;
        }
        (connected, _) => panic!("{connected:?}"),
    };

    let mut asked = JoinSet::new();
    let mut answers = Vec::new();
    for passed in &passed[2..] {
        if !passed.by_client {
            for piece in passed.bytes.chunks(piece) {
                server.write_all(piece).await.unwrap();
                tokio::task::yield_now().await;
            }
            answers.extend(passed.message.clone());
            continue;
        }
        match passed.message.clone() {
            Some(Message::RegisterReq(request)) if passed.msg.last => client.register(&request.0).await.unwrap(),
            Some(Message::RegisterReq(request)) => {
                let client = client.clone();
                asked.spawn(async move {
                    let events = client.register_with_response(&request.0).await;
                    Message::RegisterRes(events.map_or(MsgRegisterRes::Failure, MsgRegisterRes::Events))
                });
            }
            Some(Message::QueryReq(request)) => {
                let client = client.clone();
                asked.spawn(async move {
                    Message::QueryRes(hat_event_common::MsgQueryRes(client.query(request.0).await.unwrap()))
                });
            }
            // Pings and their answers come by themselves.
            None => {}
            Some(other) => panic!("{other:?}"),
        }
        expect(&mut server, passed).await;
    }
    drop(server);

    // All that the server said has arrived: answers at those who asked, notifications in order, and the last status.
    while let Some(answer) = asked.join_next().await {
        let answer = answer.unwrap();
        assert!(answers.contains(&answer), "{answer:?}");
    }
    for answer in &answers {
        if let Message::EventsNotify(notify) = answer {
            assert_eq!(events.next().await.as_ref(), Some(&notify.0));
        }
    }
    assert_eq!(events.next().await, None);
    let last_status = answers.iter().rev().find_map(|answer| match answer {
        Message::StatusNotify(notify) => Some(notify.0),
        _ => None,
    });
    assert!(last_status.is_none_or(|status| client.status() == status));
}

#[tokio::test(start_paused = true)]
async fn our_client_sends_what_the_recorded_ones_sent() {
    for conn in CONNECTIONS {
        for piece in [usize::MAX, 1, 7] {
            check_client(conn, piece).await;
        }
    }
}
