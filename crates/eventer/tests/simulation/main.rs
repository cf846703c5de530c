//! Servers and clients on a network that delays, cuts and loses, in virtual time: nobody who stays connected misses an
//! event, gets one twice or in another order.
//!
//! Each seed is a network of its own. `HAT_SIMULATION_SEEDS` says how many there are (1,000), and `HAT_SIMULATION_SEED` runs one.

mod network;

use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use hat_event_chatter::{Config, Receiver};
use hat_event_common::{
    BoxError, Event, EventId, EventPayload, EventType, QueryParams, QueryResult, RegisterEvent, ServerId, Subscription,
    Timestamp,
};
use hat_event_eventer::{
    Client, ClientOptions, ConnectionInfo, Events, Handler, ReconnectOptions, ReconnectingClient, ReconnectingEvents,
    RequestError, Server, ServerConfig,
};
use network::{Line, Random, line, peer};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Keeps events, and tells clients of them.
struct Store {
    events: Mutex<Vec<Event>>,
    server: OnceLock<Server>,
    /// How many events a page has at most.
    page: usize,
}

#[async_trait]
impl Handler for Store {
    async fn register(&self, _: &Arc<ConnectionInfo>, events: Vec<RegisterEvent>) -> Option<Arc<[Event]>> {
        let mut all = self.events.lock().unwrap();
        let session = all.last().map_or(0, |event| event.id.session.get()) + 1;
        let ids = (1..).map(|instance| EventId::new(1, session, instance).unwrap());
        let events: Arc<[Event]> =
            events.into_iter().zip(ids).map(|(event, id)| event.register(id, Timestamp::MIN)).collect();
        all.extend(events.iter().cloned());
        self.server.get().unwrap().notify_events(&events, false);
        Some(events)
    }

    async fn query(&self, _: &Arc<ConnectionInfo>, params: QueryParams) -> Result<QueryResult, BoxError> {
        let QueryParams::Server(params) = params else { return Err("another query".into()) };
        let all = self.events.lock().unwrap();
        let mut events = all.iter().filter(|event| params.last_event_id.is_none_or(|last| last < event.id));
        let page = events.by_ref().take(self.page).cloned().collect();
        Ok(QueryResult { events: page, more_follows: events.next().is_some() })
    }
}

/// A network with a server.
struct Network {
    server: Server,
    store: Arc<Store>,
    config: Config,
}

impl Network {
    fn new(random: &mut Random) -> Arc<Self> {
        let store =
            Arc::new(Store { events: Mutex::default(), server: OnceLock::new(), page: 1 + random.below(10) as usize });
        let server = Server::new(Arc::clone(&store) as _, ServerConfig::default());
        assert!(store.server.set(server.clone()).is_ok());
        Arc::new(Self { server, store, config: Config { max_queued: 20_000, ..Config::default() } })
    }

    /// The client's end of a line to the server.
    fn open(&self, random: &mut Random, kind: Line) -> Receiver {
        let (ours, theirs) = line(random, kind);
        let server = self.server.clone();
        let receiver = Receiver::over(theirs, peer(), self.config.clone());
        tokio::spawn(async move { server.serve(receiver).await });
        Receiver::over(ours, peer(), self.config.clone())
    }

    async fn connect(&self, random: &mut Random, kind: Line, options: ClientOptions) -> (Client, Events) {
        Client::introduce(self.open(random, kind), options).await.unwrap()
    }

    /// All registered events that a subscription matches, as text.
    fn expected(&self, query_types: &[EventType]) -> Vec<String> {
        let subscription = Subscription::new(query_types.iter().cloned()).unwrap();
        let events = self.store.events.lock().unwrap();
        events.iter().filter(|event| subscription.matches(&event.event_type)).map(text).collect()
    }
}

/// What identifies an event for those who registered it.
fn text(event: &Event) -> String {
    event.payload.as_ref().unwrap().as_json().unwrap().text().to_string()
}

fn query_types(random: &mut Random) -> Vec<EventType> {
    let types = [&["*"][..], &["a/*"], &["a/?", "b/0"], &["?/1", "b/*"]];
    types[random.below(4) as usize].iter().map(|text| text.parse().unwrap()).collect()
}

/// Registers events of one writer, and returns those of which it knows that they are registered.
async fn write(client: Client, mut random: Random, name: u64, count: u64) -> Vec<String> {
    let mut registered = Vec::new();
    let mut number = 0;
    while number < count {
        let batch: Vec<RegisterEvent> = (0..1 + random.below(4))
            .map(|_| {
                number += 1;
                let segments = [["a", "b", "c"][random.below(3) as usize].to_owned(), random.below(3).to_string()];
                let payload = EventPayload::json(&format!("{name}-{number}")).unwrap();
                RegisterEvent {
                    event_type: segments.iter().map(String::as_str).collect(),
                    source_timestamp: None,
                    payload: Some(payload),
                }
            })
            .collect();
        if random.below(2) == 0 {
            let events = client.register_with_response(&batch).await.unwrap();
            assert_eq!(events.len(), batch.len());
            registered.extend(events.iter().map(text));
        } else {
            client.register(&batch).await.unwrap();
            registered.extend(
                batch.iter().map(|event| event.payload.as_ref().unwrap().as_json().unwrap().text().to_string()),
            );
        }
        sleep(Duration::from_millis(random.below(30))).await;
    }
    // Answers come in order: all before is registered.
    client.register_with_response(&[]).await.unwrap();
    registered
}

/// Takes events until there are as many as expected, or nothing comes any more.
async fn take(mut events: Events, network: Arc<Network>, wanted: Vec<EventType>) -> Vec<String> {
    let mut taken = Vec::new();
    while let Ok(Some(events)) = tokio::time::timeout(Duration::from_secs(15), events.next()).await {
        taken.extend(events.iter().map(text));
    }
    assert_eq!(taken, network.expected(&wanted), "{wanted:?}");
    taken
}

/// A client whose line is lost again and again.
fn reconnecting(
    network: &Arc<Network>,
    random: &mut Random,
    wanted: &[EventType],
) -> (ReconnectingClient, ReconnectingEvents) {
    let options = ClientOptions {
        server_id: Some(ServerId::from(1)),
        ..ClientOptions::new("reconnecting").subscribe(wanted.to_vec())
    };
    let reconnect = ReconnectOptions {
        last_event_id: Some(EventId::new(1, 0, 0).unwrap()),
        max_waiting: 100 + random.below(1000) as usize,
        min_delay: Duration::from_millis(20),
        max_delay: Duration::from_millis(200),
    };
    let (network, own, random) = (Arc::clone(network), options.clone(), Mutex::new(random.fork()));
    ReconnectingClient::with(options, reconnect, move || {
        let receiver = network.open(&mut random.lock().unwrap(), Line::Lossy);
        let options = own.clone();
        async move { Client::introduce(receiver, options).await }
    })
}

async fn run(seed: u64) {
    let mut random = Random::new(seed);
    let network = Network::new(&mut random);
    let (mut steady, mut peers) = (JoinSet::new(), 0);
    for _ in 0..1 + random.below(2) {
        let wanted = query_types(&mut random);
        let options = ClientOptions::new("steady").subscribe(wanted.clone());
        let (client, events) = network.connect(&mut random, Line::Slow, options).await;
        let taking = take(events, Arc::clone(&network), wanted);
        steady.spawn(async move {
            let taken = taking.await;
            assert!(client.is_open(), "{}", client.closed().await);
            taken
        });
        peers += 1;
    }
    let wanted = query_types(&mut random);
    let lossy = (random.below(2) == 0).then(|| reconnecting(&network, &mut random, &wanted));
    peers += u64::from(lossy.is_some());
    let stuck = random.below(3) == 0;
    if stuck {
        let options = ClientOptions::new("stuck").subscribe(["*".parse::<EventType>().unwrap()]);
        // Its line is stuck from some moment on, and it notices nothing.
        if let Ok((client, events)) = Client::introduce(network.open(&mut random, Line::Stuck), options).await {
            tokio::spawn(async move {
                let _client = client;
                events.for_each(async |_| {}).await;
            });
        }
        peers += 1;
    }
    let mut writers = JoinSet::new();
    for name in 0..(5 - peers).clamp(1, 2) {
        let (client, _events) = network.connect(&mut random, Line::Slow, ClientOptions::new("writer")).await;
        let (random, count) = (random.fork(), 20 + random.below(40));
        writers.spawn(write(client, random, name, count));
    }

    let all = writers.join_all().await;
    if let Some((client, mut events)) = lossy {
        let expected = network.expected(&wanted);
        let mut taken = Vec::new();
        while taken.len() < expected.len() {
            let next = tokio::time::timeout(Duration::from_secs(100), events.next()).await;
            taken.extend(next.expect("nothing comes any more").unwrap().iter().map(text));
        }
        assert_eq!(taken, expected);
        client.close();
    }
    steady.join_all().await;
    let registered = network.expected(&["*".parse().unwrap()]);
    assert_eq!(registered.len(), all.iter().map(Vec::len).sum::<usize>());
    for (name, written) in all.iter().enumerate() {
        // Writers end in any order, so that their names are taken from what they wrote.
        let name = written.first().map_or(name.to_string(), |first| first.split('-').next().unwrap().to_owned());
        let of_writer: Vec<&String> = registered.iter().filter(|text| text.starts_with(&format!("{name}-"))).collect();
        assert!(of_writer.into_iter().eq(written), "writer {name}");
    }
    if stuck {
        // By its silence at the latest.
        sleep(Duration::from_secs(60)).await;
        let names = network.server.connection_infos().into_iter().map(|info| info.client_name.clone());
        assert!(!names.collect::<Vec<_>>().contains(&"stuck".to_owned()));
    }
    let closed = Client::introduce(network.open(&mut random, Line::Lossy), ClientOptions::new("last")).await;
    if let Ok((client, _events)) = closed {
        let reason = client.closed().await;
        assert!(matches!(client.register(&[]).await, Err(RequestError::Closed(error)) if error == reason));
    }
}

#[test]
fn nothing_is_lost_repeated_or_reordered() {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().expect(name));
    let seeds = match number("HAT_SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("HAT_SIMULATION_SEEDS").unwrap_or(1000),
    };
    for seed in seeds {
        let simulation = std::panic::catch_unwind(|| {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_time().start_paused(true).build().unwrap().block_on(run(seed));
        });
        assert!(simulation.is_ok(), "HAT_SIMULATION_SEED={seed}");
    }
}
