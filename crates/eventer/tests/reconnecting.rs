//! A client that connects again.

mod common;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{Scripted, connect, event_type, server, to_register, types};
use hat_event_common::{
    Event, EventId, MsgEventsNotify, MsgInitRes, MsgQueryReq, MsgQueryRes, QueryParams, QueryResult, Sbs, ServerId,
    Status,
};
use hat_event_eventer::{
    Client, ClientOptions, ConnectError, Handler, ReconnectOptions, ReconnectState, ReconnectingClient,
    ReconnectingEvents, Server,
};

/// A server, and a client of it whose connections the test ends.
struct Network {
    server: Server,
    handler: Arc<Scripted>,
    /// Nobody gets through.
    is_down: AtomicBool,
    attempts: AtomicUsize,
    client: Mutex<Option<Client>>,
}

impl Network {
    fn new() -> Arc<Self> {
        let (server, handler) = server();
        let (is_down, attempts, client) = (AtomicBool::new(false), AtomicUsize::new(0), Mutex::new(None));
        Arc::new(Self { server, handler, is_down, attempts, client })
    }

    fn client(
        self: &Arc<Self>,
        options: &ClientOptions,
        reconnect: ReconnectOptions,
    ) -> (ReconnectingClient, ReconnectingEvents) {
        let (network, own) = (Arc::clone(self), options.clone());
        ReconnectingClient::with(options.clone(), reconnect, move || {
            let (network, options) = (Arc::clone(&network), own.clone());
            async move {
                network.attempts.fetch_add(1, Ordering::SeqCst);
                if network.is_down.load(Ordering::SeqCst) {
                    return Err(ConnectError::Refused("down".to_owned()));
                }
                let (client, events) = connect(&network.server, options).await?;
                *network.client.lock().unwrap() = Some(client.clone());
                Ok((client, events))
            }
        })
    }

    /// Registers an event and tells clients.
    async fn register(&self, text: &str) -> Event {
        let infos = self.server.connection_infos();
        let event = match infos.first() {
            Some(info) => self.handler.register(info, vec![to_register(text)]).await.unwrap()[0].clone(),
            None => {
                let mut all = self.handler.events.lock().unwrap();
                let session = all.last().map_or(0, |event| event.id.session.get()) + 1;
                let event = common::event(text, 1, session);
                all.push(event.clone());
                event
            }
        };
        self.server.notify_events(std::slice::from_ref(&event), false);
        event
    }

    fn cut(&self) {
        self.client.lock().unwrap().take().unwrap().close();
    }
}

fn options() -> ClientOptions {
    ClientOptions { server_id: Some(ServerId::from(1)), ..ClientOptions::new("a").subscribe([event_type("x/*")]) }
}

fn from_the_beginning() -> ReconnectOptions {
    ReconnectOptions { last_event_id: Some(EventId::new(1, 0, 0).unwrap()), ..ReconnectOptions::default() }
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_is_delivered_once_and_in_order() {
    let network = Network::new();
    network.register("x/0").await;
    network.register("y").await;
    let (client, mut events) = network.client(&options(), from_the_beginning());
    assert_eq!(types(&events.next().await.unwrap()), ["x/0"]);
    client.connected().await.unwrap();
    network.register("x/1").await;
    assert_eq!(types(&events.next().await.unwrap()), ["x/1"]);
    network.register("x/2").await;
    network.cut();
    for number in 3..6 {
        network.register(&format!("x/{number}")).await;
        network.register("y").await;
    }
    let mut got = Vec::new();
    while got.len() < 4 {
        got.extend(types(&events.next().await.unwrap()));
    }
    assert_eq!(got, ["x/2", "x/3", "x/4", "x/5"]);
    network.register("x/6").await;
    assert_eq!(types(&events.next().await.unwrap()), ["x/6"]);
    assert_eq!(events.last_event_id().unwrap(), network.handler.events.lock().unwrap().last().unwrap().id);
    client.close();
    assert!(events.next().await.is_none());
    assert!(client.connected().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_while_events_come_and_connections_go() {
    for seed in 0..20u64 {
        let network = Network::new();
        // So little that notifications are dropped while it catches up.
        let reconnect = ReconnectOptions { max_waiting: 100, ..from_the_beginning() };
        let (client, mut events) = network.client(&options(), reconnect);
        let writer = Arc::clone(&network);
        let writing = tokio::spawn(async move {
            for number in 0..500u64 {
                writer.register(&format!("x/{number}")).await;
                tokio::time::sleep(Duration::from_millis((number * 7 + seed) % 11)).await;
                if (number * 13 + seed) % 37 == 0
                    && let Some(client) = writer.client.lock().unwrap().take()
                {
                    client.close();
                }
            }
        });
        let mut got = Vec::new();
        while got.len() < 500 {
            // Futures that are dropped lose nothing.
            if let Ok(events) = tokio::time::timeout(Duration::from_millis(3), events.next()).await {
                got.extend(types(&events.unwrap()));
            }
        }
        let expected: Vec<String> = (0..500).map(|number| format!("x/{number}")).collect();
        assert!(got == expected, "seed {seed}: {got:?}");
        writing.await.unwrap();
        client.close();
    }
}

#[tokio::test(start_paused = true)]
async fn it_backs_off_and_tells_why() {
    let network = Network::new();
    network.is_down.store(true, Ordering::SeqCst);
    let (client, _events) = network.client(&options(), ReconnectOptions::default());
    let mut state = client.watch_state();
    let failed = ReconnectState::Failed("refused by the server: down".to_owned());
    state.wait_for(|state| *state == failed).await.unwrap();
    assert!(client.client().is_none());
    tokio::time::sleep(Duration::from_secs(300)).await;
    let attempts = network.attempts.load(Ordering::SeqCst);
    assert!((10..=21).contains(&attempts), "{attempts} attempts of a client that was refused, every 15 to 30 seconds");
    network.is_down.store(false, Ordering::SeqCst);
    client.connected().await.unwrap().register_with_response(&[to_register("x")]).await.unwrap();
    assert_eq!(*state.borrow(), ReconnectState::Connected);
}

#[tokio::test(start_paused = true)]
async fn without_a_server_only_the_connection_comes_back() {
    let network = Network::new();
    let options = ClientOptions { server_id: None, ..options() };
    let (client, mut events) = network.client(&options, ReconnectOptions::default());
    client.connected().await.unwrap();
    network.register("x/1").await;
    assert_eq!(types(&events.next().await.unwrap()), ["x/1"]);
    let first = client.client().unwrap();
    network.cut();
    first.closed().await;
    network.register("x/2").await;
    let mut state = client.watch_state();
    state.wait_for(|state| matches!(state, ReconnectState::Failed(_))).await.unwrap();
    state.wait_for(|state| *state == ReconnectState::Connected).await.unwrap();
    network.register("x/3").await;
    assert_eq!(types(&events.next().await.unwrap()), ["x/3"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_dropped_while_catching_up_is_asked_for_again() {
    let (mut server, theirs) = common::pair();
    let theirs = Mutex::new(Some(theirs));
    let own = options();
    let reconnect = ReconnectOptions { max_waiting: 100, ..from_the_beginning() };
    let (_client, mut events) = ReconnectingClient::with(options(), reconnect, move || {
        let (receiver, options) = (theirs.lock().unwrap().take().unwrap(), own.clone());
        async move { Client::introduce(receiver, options).await }
    });
    let taking = tokio::spawn(async move {
        let mut sessions = Vec::new();
        while sessions.len() < 12 {
            sessions.extend(events.next().await.unwrap().iter().map(|event| event.id.session.get()));
        }
        sessions
    });
    let init = server.receive().await.unwrap();
    common::answer(&server, &init, "HatEventer.MsgInitRes", &MsgInitRes::Success(Status::Operational));
    let mut queries = 0;
    let sessions = loop {
        let request = tokio::select! {
            request = server.receive() => request.unwrap(),
            () = tokio::time::sleep(Duration::from_secs(1)) => {
                // It is content, and told of one more.
                let events = vec![common::event("x/12", 1, 12)];
                common::send(&server, "HatEventer.MsgEventsNotify", &MsgEventsNotify(events), false);
                tokio::select! {
                    sessions = taking => break sessions.unwrap(),
                    request = server.receive() => panic!("{request:?}"),
                    () = tokio::time::sleep(Duration::from_secs(60)) => panic!("some events are lost"),
                }
            }
        };
        let MsgQueryReq(QueryParams::Server(params)) = MsgQueryReq::from_sbs_bytes(request.data.data.clone()).unwrap()
        else {
            panic!("another query")
        };
        queries += 1;
        let last = params.last_event_id.unwrap().session.get();
        if queries == 1 {
            // Much happens while it waits for the answer.
            for session in 2..=11 {
                let events = vec![common::event("x/a", 1, session)];
                common::send(&server, "HatEventer.MsgEventsNotify", &MsgEventsNotify(events), false);
            }
            assert!(tokio::time::timeout(Duration::from_millis(100), server.receive()).await.is_err());
        }
        let end = if queries == 1 { 1 } else { 11 };
        let events = (last + 1..=end).map(|session| common::event("x/a", 1, session)).collect();
        let result = QueryResult { events, more_follows: false };
        common::answer(&server, &request, "HatEventer.MsgQueryRes", &MsgQueryRes(result));
    };
    assert_eq!((queries, sessions), (2, (1..=12).collect::<Vec<_>>()));
}
