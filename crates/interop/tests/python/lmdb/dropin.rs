//! A server of ours in the place of the reference's: the same configuration, the same clients, the same file.

use std::path::Path;

use hat_event_common::{
    Event, EventId, EventPayload, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryServerParams,
    QueryTimeseriesParams, RegisterEvent, ServerId, Timestamp,
};
use hat_event_interop::Random;
use serde_json::{Value, json};

use crate::eventer::peer::{Peer, python, within};
use crate::eventer::values::{events, params_hex, register_hex, result};
use crate::eventer::whole_server::{Program, Whole};
use crate::trial::seed;
use crate::values;

pub(super) fn backend(folder: &Path) -> Value {
    json!({
        "module": "hat.event.backends.lmdb", "db_path": folder.join("event.db"), "identifier": "drop-in",
        "flush_period": 0.1, "cleanup_period": 60,
        "conditions": [{"subscriptions": [["x", "checked"]], "condition": {"type": "json", "data_type": "number"}}],
        "latest": {"subscriptions": [["*"]]},
        "timeseries": [
            {"order_by": "TIMESTAMP", "subscriptions": [["x", "*"], ["event", "*"]]},
            {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["x", "*"]]},
        ],
        "timeseries_max_results": 20,
    })
}

/// What Python's clients and programs see of a server, times left out.
#[derive(Default)]
struct Seen(Vec<(String, Value)>);

impl Seen {
    fn note(&mut self, what: &str, mut value: Value) {
        hide_times(&mut value);
        self.0.push((what.to_owned(), value));
    }

    fn events(&mut self, what: &str, seen: Vec<Event>) {
        let without_time = |event: Event| {
            let kept = Event { timestamp: Timestamp::MIN, ..event };
            json!([kept.id.to_string(), kept.event_type.to_string(), format!("{kept:?}")])
        };
        self.note(what, seen.into_iter().map(without_time).collect());
    }

    async fn ask(&mut self, peer: &Peer, what: &str, params: impl Into<QueryParams>) {
        let params = params.into();
        let is_latest = matches!(params, QueryParams::Latest(_));
        let found = peer.ask("query", json!({"client": "a", "params": params_hex(params)})).await;
        let mut found = result(&found);
        if is_latest {
            found.events.sort_by_key(|event| event.id);
        }
        self.note(what, found.more_follows.into());
        self.events(what, found.events);
    }

    /// What a program of the reference prints, with how it ends.
    async fn program(&mut self, module: &str, args: &[&str]) {
        let output = within(module, python().args(["-m", module]).args(args).output()).await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let mut lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for list in lines.iter_mut().filter_map(|line| line.get_mut("events")).filter_map(Value::as_array_mut) {
            list.sort_by_key(|event| event["id"].to_string());
        }
        let what = args.iter().filter(|arg| !arg.contains(['/', ':']) && arg.parse::<u16>().is_err());
        let what = format!("{module} {:?} ends with {:?}", what.collect::<Vec<_>>(), output.status.code());
        self.note(&what, lines.into());
    }
}

/// Times differ between two servers.
fn hide_times(value: &mut Value) {
    match value {
        Value::Object(members) if members.contains_key("s") && members.contains_key("us") => *value = "a time".into(),
        Value::Object(members) => {
            if let Some(time) = members.get_mut("timestamp") {
                *time = "a time".into();
            }
            members.values_mut().for_each(hide_times);
        }
        Value::Array(items) => items.iter_mut().for_each(hide_times),
        _ => {}
    }
}

fn wanted(random: &mut Random, number: u64) -> Vec<RegisterEvent> {
    let mut events = random.list(4, values::register_event);
    for (event, kind) in events.iter_mut().zip(["x/1", "x/checked", "y", "x/2"]) {
        event.event_type = kind.parse().unwrap();
        event.source_timestamp = Timestamp::new(number as i64 % 7, 5).ok();
    }
    events.push(RegisterEvent {
        event_type: "x/last".parse().unwrap(),
        source_timestamp: None,
        payload: Some(EventPayload::json(&number).unwrap()),
    });
    events
}

/// Waits until the server has noticed what became of a client.
async fn until(peer: &Peer, client: &str, state: &str) {
    let event_types = Some(vec![EventType::from(["event", "5", "eventer", client])]);
    let params = params_hex(QueryLatestParams { event_types });
    within(state, async {
        loop {
            let found = result(&peer.ask("query", json!({"client": "a", "params": params})).await);
            let payload = found.events.first().and_then(|event| event.payload.clone());
            if payload == EventPayload::json(state).ok() {
                break;
            }
        }
    })
    .await;
}

/// Waits until an event is on disk.
async fn written(peer: &Peer, id: Option<EventId>) {
    let params = QueryServerParams { persisted: true, ..QueryServerParams::new(ServerId::from(5)) };
    let params = params_hex(params);
    let find = async || result(&peer.ask("query", json!({"client": "a", "params": params})).await);
    within("it is written", async { while find().await.events.last().map(|event| event.id) < id {} }).await;
}

/// Works with a server from Python, ends it, works with the same file again, and looks into it.
async fn work(program: Program, seed: u64) -> Seen {
    let (mut seen, mut random) = (Seen::default(), Random::new(seed, "drop-in", 0));
    let mut server = Whole::start(program, "drop-in", backend).await;
    let address = server.address.to_string();
    for round in 0..2 {
        let peer = Peer::start();
        let refused =
            peer.attempt("connect", json!({"client": "w", "name": "w", "server": address, "token": "no"})).await;
        seen.note("a wrong token", json!(refused));
        let with = json!({"token": "right", "subscriptions": [["x", "*"]]});
        let status = peer.connect("a", &address, with).await;
        // It may still be starting.
        if status != "OPERATIONAL" {
            assert_eq!(peer.report("status").await["status"], "OPERATIONAL");
        }
        until(&peer, "a", "CONNECTED").await;
        let mut last = None;
        for number in 0..15 {
            let events_hex = register_hex(&wanted(&mut random, number));
            let registered = peer.ask("register", json!({"client": "a", "events": events_hex})).await;
            let registered = events(&registered);
            last = registered.last().map(|event| event.id);
            seen.events("registered", registered);
            seen.events("notified", events(&peer.report("events").await["events"]));
        }
        let everything = |text: &str| Some(vec![text.parse::<EventType>().unwrap()]);
        for query_type in ["*", "x/?", "event/*", "y", "x/checked"] {
            seen.ask(&peer, "latest", QueryLatestParams { event_types: everything(query_type) }).await;
            for (order, order_by) in [Order::Ascending, Order::Descending]
                .into_iter()
                .flat_map(|order| OrderBy::ALL.map(|order_by| (order, order_by)))
            {
                let params = QueryTimeseriesParams {
                    event_types: everything(query_type),
                    order,
                    order_by,
                    ..Default::default()
                };
                seen.ask(&peer, "timeseries", params.clone()).await;
                let last_event_id = Some(EventId::new(5, 6, 1).unwrap());
                let params = QueryTimeseriesParams { last_event_id, max_results: Some(5), ..params };
                seen.ask(&peer, "timeseries, a page", params).await;
            }
        }
        let server_id = ServerId::from(5);
        // An event that is not the latest any more, and is nowhere else, is found until that is written.
        written(&peer, last).await;
        seen.ask(&peer, "server", QueryServerParams::new(server_id)).await;
        let (host, port) = address.rsplit_once(':').unwrap();
        let manager: &[&str] = &["--host", host, "--port", port, "--client-token", "right", "--client-name"];
        for args in [&["query", "latest"][..], &["query", "timeseries", "--max-results", "3"]] {
            // Its own events come whenever they come.
            let name = format!("{} {round}", args[1]);
            seen.program("hat.event.manager", &[manager, &[&name], args, &["--event-types", "x/*"]].concat()).await;
            until(&peer, &name, "DISCONNECTED").await;
        }
        server.terminate().await;
        seen.note("round", round.into());
        if round == 0 {
            server.start_again(program).await;
        }
    }
    let (database, copy) = (server.folder.join("event.db"), server.folder.join("copy.db"));
    let [database, copy] = [&database, &copy].map(|path| path.to_str().unwrap());
    seen.program("hat.event.backends.lmdb.manager", &["copy", database, copy]).await;
    for path in [database, copy] {
        for what in ["settings", "last_event_id", "last_timestamp", "ref", "latest", "partition", "timeseries"] {
            seen.program("hat.event.backends.lmdb.manager", &["query", "--db", path, what]).await;
        }
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn python_sees_no_difference() {
    let seed = seed("drop-in");
    let theirs = work(Program::Reference, seed).await;
    let ours = work(Program::Ours, seed).await;
    for (number, (theirs, ours)) in theirs.0.iter().zip(&ours.0).enumerate() {
        if let (Value::Array(ours), Value::Array(theirs)) = (&ours.1, &theirs.1) {
            let differs = ours.iter().zip(theirs).find(|(ours, theirs)| ours != theirs);
            assert!(differs.is_none(), "{number}, ours is left: {differs:?}");
        }
        assert_eq!(ours, theirs, "{number}, ours is left");
    }
    assert_eq!(theirs.0.len(), ours.0.len());
}
