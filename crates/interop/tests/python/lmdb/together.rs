//! Two servers and one file: one after the other, also after a crash, and at the same time.

use std::path::Path;

use hat_event_common::{Event, EventId, QueryLatestParams, RegisterEvent};
use hat_event_eventer::ClientOptions;
use serde_json::{Value, json};

use super::dropin::backend;
use super::pair::{ask, start};
use crate::eventer::peer::within;
use crate::eventer::values::json_event;
use crate::eventer::whole_server::{Program, Whole};

fn events() -> Vec<RegisterEvent> {
    ["x/1", "x/2", "y"].map(json_event).into()
}

fn options() -> ClientOptions {
    let mut options = ClientOptions::new("a");
    options.client_token = Some("right".to_owned());
    options
}

/// Registers some batches, and returns what was acknowledged.
async fn register(server: &Whole) -> Vec<Event> {
    let (client, _events) = server.connect(options()).await;
    let mut registered = Vec::new();
    for _ in 0..5 {
        registered.extend(within("registered", client.register_with_response(&events())).await.unwrap());
    }
    registered
}

async fn latest(server: &Whole) -> Vec<EventId> {
    let (client, _events) = server.connect(options()).await;
    let found = within("latest", client.query(QueryLatestParams::default())).await.unwrap();
    found
        .events
        .iter()
        .filter(|event| event.event_type.segments().next() != Some("event"))
        .map(|event| event.id)
        .collect()
}

/// Our server is killed, Python's goes on, is killed, ours goes on: none gives out an id that was given out before.
async fn killed_in_turns(name: &str, durability: &str) {
    let durable = |folder: &Path| {
        let mut conf = backend(folder);
        conf["durability"] = durability.into();
        // What is in memory stays there.
        conf["flush_period"] = 1e6.into();
        conf
    };
    let mut server = Whole::start(Program::Ours, name, durable).await;
    let mut last = EventId::new(5, 0, 0).unwrap();
    // What Python had in memory only is gone, ids and all, so it is killed last.
    for program in [Program::Ours, Program::Ours, Program::Reference] {
        let registered = register(&server).await;
        assert!(registered.iter().all(|event| event.id > last), "{program:?}: {last:?} and then {registered:#?}");
        last = registered.iter().map(|event| event.id).max().unwrap();
        server.kill().await;
        server.start_again(program).await;
        if durability == "flushed" {
            let found = latest(&server).await;
            assert_eq!(found.iter().max(), Some(&last));
        }
    }
    let registered = register(&server).await;
    assert!(registered.iter().all(|event| event.id > last), "{last:?} and then {registered:#?}");
    server.kill().await;
    server.start_again(Program::Ours).await;
    assert!(!register(&server).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_id_comes_twice_after_a_kill() {
    killed_in_turns("killed", "memory").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_flushed_is_lost_after_a_kill() {
    killed_in_turns("killed-flushed", "flushed").await;
}

fn log(server: &Whole) -> String {
    std::fs::read_to_string(server.folder.join("log")).unwrap()
}

/// Another server of ours on the same file ends with an error, whoever has it open.
async fn the_second_is_refused(first: Program, name: &str) {
    let mut server = Whole::start(first, name, backend).await;
    // Those of the first are taken.
    let conf = std::fs::read_to_string(server.folder.join("conf.json")).unwrap();
    let mut conf: Value = serde_json::from_str(&conf).unwrap();
    conf["eventer_server"]["port"] = 0.into();
    std::fs::write(server.folder.join("conf.json"), conf.to_string()).unwrap();
    let mut second = Program::Ours.command(&server.folder).spawn().unwrap();
    let status = within("the second ends", second.wait()).await.unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(log(&server).contains("event.db is in use by another process"), "{}", log(&server));
    assert_eq!(register(&server).await.len(), 15);
    server.terminate().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_is_refused_where_ours_is() {
    the_second_is_refused(Program::Ours, "second").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_is_refused_where_the_reference_is() {
    the_second_is_refused(Program::Reference, "second-python").await;
}

/// The reference cannot open a file that ours has open: LMDB keeps it out, as the lock files have different forms. Ours goes on.
/// It does not write over what is written without any lock, and ends.
#[tokio::test(flavor = "multi_thread")]
async fn ours_ends_when_another_process_writes() {
    let mut server = Whole::start(Program::Ours, "both", backend).await;
    let before = register(&server).await;
    let database = server.folder.join("event.db");
    let mut conf = backend(&server.folder);
    conf["db_path"] = database.to_str().unwrap().into();
    let mut python = start();
    let opened = python.ask("open", &[json!({"conf": conf})]).unwrap();
    let read = python.ask("dump", &[json!({"path": database})]).unwrap();
    for answer in [&opened[0], &read[0]] {
        assert_eq!(answer["error"], "VersionMismatchError", "{answer}");
    }
    let (client, _events) = server.connect(options()).await;
    within("registered", client.register_with_response(&events())).await.unwrap();

    ask(&mut python, "write_unlocked", json!({"path": database}));
    // That it cannot be written shows now or a little later.
    let _ = within("an answer, or the end", client.register_with_response(&events())).await;
    let status = within("the server ends", server.child.wait()).await.unwrap();
    assert_eq!(status.code(), Some(2));
    assert!(log(&server).contains("another process has written into it"), "{}", log(&server));
    server.start_again(Program::Ours).await;
    let of_x_1 = before.iter().rfind(|event| event.event_type.to_string() == "x/1").unwrap();
    assert!(latest(&server).await.iter().any(|id| *id >= of_x_1.id));
    server.terminate().await;
}
