//! The server: its status, its clients, its end.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use hat_event_chatter::Address;
use hat_event_common::{
    BoxError, Engine, Event, EventType, Lifecycle, Module, ModuleInfo, QueryLatestParams, RegisterEvent, Resource,
    Source, Status, Subscription,
};
use hat_event_eventer::{Client, ClientOptions};
use hat_event_server::{Builder, EventServer, StartError};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

fn conf() -> Value {
    json!({
        "name": "server",
        "server_id": 3,
        "server_token": "secret",
        "backend": {"module": "hat.event.backends.memory"},
        "modules": [],
        "eventer_server": {"host": "127.0.0.1", "port": 0},
    })
}

async fn start(conf: Value) -> EventServer {
    let server = builder().start(conf).await.unwrap();
    server.wait_operational().await.unwrap();
    server
}

fn builder() -> Builder {
    EventServer::builder().module("control", Control::info())
}

async fn connect(server: &EventServer, name: &str) -> Client {
    try_connect(&server.addresses()[0], name, None).await.unwrap()
}

async fn try_connect(address: &Address, name: &str, token: Option<&str>) -> Result<Client, String> {
    let options = ClientOptions { client_token: token.map(str::to_owned), ..ClientOptions::new(name) };
    Client::connect(address, options).await.map(|(client, _)| client).map_err(|error| error.to_string())
}

fn event(event_type: &str) -> RegisterEvent {
    RegisterEvent { event_type: event_type.parse().unwrap(), source_timestamp: None, payload: None }
}

/// The texts of the latest events of some types.
async fn latest(server: &EventServer, query_type: &str) -> Vec<(String, Option<String>)> {
    let params = QueryLatestParams { event_types: Some(vec![query_type.parse().unwrap()]) };
    let events = server.backend().query(params.into()).await.unwrap().events;
    let text = |event: Event| (event.event_type.to_string(), event.payload.and_then(|payload| payload.parse().ok()));
    events.into_iter().map(text).collect()
}

/// Restarts the engine, or fails, when it is told to.
#[derive(Debug)]
struct Control {
    lifecycle: Lifecycle,
    subscription: Subscription,
    engine: Arc<dyn Engine>,
}

impl Control {
    fn info() -> ModuleInfo {
        ModuleInfo::new(|_conf, engine, _source| async move {
            let subscription = Subscription::new(["control/?".parse::<EventType>()?])?;
            Ok(Self { lifecycle: Lifecycle::new(), subscription, engine })
        })
    }
}

impl Resource for Control {
    fn lifecycle(&self) -> &Lifecycle {
        &self.lifecycle
    }
}

#[async_trait]
impl Module for Control {
    fn subscription(&self) -> &Subscription {
        &self.subscription
    }

    async fn process(&mut self, _source: Source, event: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
        match event.event_type.segment(1) {
            Some("restart") => {
                self.engine.restart();
                Ok(Vec::new())
            }
            _ => Err("as told".into()),
        }
    }
}

/// Waits until something is so, for some seconds at the most.
async fn wait_for(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    for _ in 0..500 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{what}: it is not");
}

#[tokio::test]
async fn it_is_registered_who_comes_and_goes() {
    let server = start(conf()).await;
    let client = connect(&server, "some client").await;
    let connected = ("event/3/eventer/some client".to_owned(), Some("CONNECTED".to_owned()));
    assert_eq!(latest(&server, "event/3/eventer/*").await, std::slice::from_ref(&connected));
    let names = server.engine().unwrap().get_client_names();
    assert_eq!(names.iter().map(|(_, name)| &**name).collect::<Vec<_>>(), ["some client"]);
    client.async_close().await;
    wait_for("it is registered that the client left", async || {
        latest(&server, "event/3/eventer/*").await[0].1.as_deref() == Some("DISCONNECTED")
    })
    .await;
    server.async_close().await;
}

#[tokio::test]
async fn a_token_has_to_be_right_if_one_is_given() {
    let server = start(conf()).await;
    let address = &server.addresses()[0];
    assert!(try_connect(address, "none", None).await.is_ok());
    assert!(try_connect(address, "right", Some("secret")).await.is_ok());
    for wrong in ["", "secre", "secrets", "Secret"] {
        let error = try_connect(address, "wrong", Some(wrong)).await.unwrap_err();
        assert!(error.contains("invalid client token"), "{error}");
    }
    assert!(latest(&server, "event/3/eventer/wrong").await.is_empty());
    server.async_close().await;

    let mut conf = conf();
    conf["server_token"] = Value::Null;
    let server = start(conf).await;
    let error = try_connect(&server.addresses()[0], "any", Some("")).await.unwrap_err();
    assert!(error.contains("invalid client token"), "{error}");
    server.async_close().await;
}

#[tokio::test]
async fn a_restarted_engine_goes_on_with_the_ids() {
    let mut conf = conf();
    conf["modules"] = json!([{"module": "control"}]);
    let server = start(conf).await;
    let client = connect(&server, "client").await;
    let first = client.register_with_response(&[event("a")]).await.unwrap()[0].id.session;
    client.register(&[event("control/restart")]).await.unwrap();
    // STARTED, CONNECTED, a, control/restart; STOPPED, and STARTED of the second engine.
    wait_for("the engine is another", async || {
        server.engine().is_some()
            && latest(&server, "event/3/engine").await[0].1.as_deref() == Some("STARTED")
            && server.status() == Status::Operational
            && client.register_with_response(&[event("b")]).await.is_ok_and(|events| events[0].id.session.get() > 6)
    })
    .await;
    assert_eq!(first.get(), 3);
    server.async_close().await;
    assert_eq!(server.failure(), None);
    assert_eq!(server.status(), Status::Standby);
}

#[tokio::test]
async fn a_module_that_fails_stops_it() {
    let mut conf = conf();
    conf["modules"] = json!([{"module": "control"}]);
    let server = start(conf).await;
    let client = connect(&server, "client").await;
    assert!(client.register_with_response(&[event("control/fail")]).await.is_err());
    server.wait_closed().await;
    assert_eq!(server.failure().as_deref(), Some("module control cannot go on: as told"));
    client.closed().await;
}

#[tokio::test]
async fn modules_are_closed_though_it_closes_before_all_are_made() {
    let (made, gate) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Semaphore::new(1)));
    let info = {
        let (made, gate) = (Arc::clone(&made), Arc::clone(&gate));
        ModuleInfo::new(move |_conf, engine, _source| {
            let (made, gate) = (Arc::clone(&made), Arc::clone(&gate));
            async move {
                gate.acquire().await?.forget();
                let lifecycle = Lifecycle::new();
                made.lock().unwrap().push(lifecycle.clone());
                Ok(Control { lifecycle, subscription: Subscription::default(), engine })
            }
        })
    };
    let mut conf = conf();
    conf["modules"] = json!([{"module": "slow"}, {"module": "slow"}]);
    let server = builder().module("slow", info).start(conf).await.unwrap();
    wait_for("the first module is made", async || made.lock().unwrap().len() == 1).await;
    server.close();
    gate.add_permits(1);
    server.wait_closed().await;
    assert!(made.lock().unwrap().iter().all(Lifecycle::is_closed));
    assert_eq!((server.status(), server.failure()), (Status::Standby, None));
}

#[tokio::test]
async fn what_it_cannot_start_with_is_told() {
    let error = async |conf: Value| match builder().start(conf).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    };
    let with = |key: &str, value: Value| {
        let mut conf = conf();
        conf[key] = value;
        conf
    };
    let wrong = error(with("modules", json!([{"module": "nobody"}]))).await;
    assert!(matches!(wrong, StartError::Conf(_)) && wrong.to_string().contains("nobody"), "{wrong}");
    let server = start(conf()).await;
    let Address::Tcp { port, .. } = server.addresses()[0].clone() else { panic!("it is no TCP address") };
    let taken = error(with("eventer_server", json!({"host": "127.0.0.1", "port": port}))).await;
    assert!(taken.to_string().starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")), "{taken}");
    let lmdb = json!({"module": "hat.event.backends.lmdb", "db_path": "/nonexistent/event.db", "identifier": null,
        "flush_period": 1, "cleanup_period": 1, "conditions": [], "latest": {"subscriptions": []}, "timeseries": []});
    let missing = error(with("backend", lmdb)).await.to_string();
    assert!(missing.starts_with("backend: database /nonexistent/event.db cannot be opened: "), "{missing}");
    server.async_close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_soon_with_clients_that_do_not_read_and_a_backlog() {
    let folder = tempfile::tempdir().unwrap();
    let mut conf = conf();
    conf["backend"] = json!({"module": "hat.event.backends.lmdb", "db_path": folder.path().join("event.db"),
        "identifier": null, "flush_period": 3600, "cleanup_period": 3600, "conditions": [],
        "latest": {"subscriptions": [["*"]]}, "timeseries": [{"order_by": "TIMESTAMP", "subscriptions": [["*"]]}],
        "limits": {"backlog_events": 200_000}});
    let server = start(conf.clone()).await;
    let options = ClientOptions::new("idle").subscribe([EventType::from(["*"])]);
    // It takes no events, so that they fill what is between.
    let idle = Client::connect(&server.addresses()[0], options).await.unwrap();
    let client = connect(&server, "busy").await;
    let mut count = 0;
    for _ in 0..50 {
        let events = vec![event("a/b"); 1000];
        count += client.register_with_response(&events).await.unwrap().len();
    }
    let start = Instant::now();
    server.async_close().await;
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    drop((idle, client));
    let server = self::start(conf).await;
    let params = hat_event_common::QueryServerParams {
        max_results: Some(10),
        ..hat_event_common::QueryServerParams::new(3.into())
    };
    let first = server.backend().query(params.into()).await.unwrap();
    assert!(first.more_follows);
    let timeseries = hat_event_common::QueryTimeseriesParams {
        event_types: Some(vec!["a/b".parse().unwrap()]),
        ..Default::default()
    };
    let (mut found, mut last) = (0, None);
    loop {
        let params = hat_event_common::QueryTimeseriesParams { last_event_id: last, ..timeseries.clone() };
        let page = server.backend().query(params.into()).await.unwrap();
        found += page.events.len();
        last = page.events.last().map(|event| event.id);
        if !page.more_follows {
            break;
        }
    }
    assert_eq!(found, count);
    server.async_close().await;
}
