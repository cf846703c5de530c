//! A disk or a database that is full.

use std::io::Read;
use std::time::Instant;

use serde_json::json;

use crate::program::Ran;
use crate::server::{PATIENCE, Place, Server};

/// Registers large events until that fails: how many there are, and what was said.
fn fill(server: &Server) -> (usize, Ran) {
    for count in 0..200 {
        if let Err(ran) = server.register_large(&format!("large/{count}"), 100_000) {
            return (count, ran);
        }
    }
    panic!("it never got full");
}

/// Before a server, it may write files of 2 or 4 MiB, as the shell counts; the signal that it gets beyond that would end it.
const SMALL_DISK: &str = "trap '' XFSZ; ulimit -S -f 4096; exec";

fn expected(count: usize, then: &[&str]) -> Vec<String> {
    (0..count).map(|number| format!("large/{number}")).chain(then.iter().map(|name| (*name).to_owned())).collect()
}

#[test]
fn a_full_disk_refuses_and_recovers_without_a_restart() {
    let place = Place::new("full-disk", json!({}));
    let server = Server::start(&mut place.shell(SMALL_DISK));
    let (count, ran) = fill(&server);
    assert!(count > 0, "{ran:?}");
    assert_eq!((ran.code, &*ran.out), (1, ""), "{ran:?}");
    assert!(ran.err.contains("server did not register the events"), "{ran:?}");
    assert_eq!(server.types(), expected(count, &[]), "queries go on, and nothing of what was refused is kept");

    // Room is made on the disk.
    server.signal(&["prlimit", "--fsize=unlimited:", "--pid"]);
    server.register_large("after", 100_000).unwrap();
    assert_eq!(server.types(), expected(count, &["after"]));
    let log = server.terminate();
    let reasons = ["Input/output error (os error 5); the disk may be full", "File too large (os error 27)"];
    assert!(reasons.iter().any(|reason| log.contains(&format!("the database cannot be written: {reason}"))), "{log}");

    let server = Server::start(&mut place.shell("exec"));
    assert_eq!(server.types(), expected(count, &["after"]), "what was acknowledged is there");
    server.terminate();
}

#[test]
fn a_full_disk_loses_nothing_that_was_answered_from_memory() {
    let place = Place::new("full-disk-memory", json!({"durability": "memory", "flush_period": 0.05}));
    let server = Server::start(&mut place.shell(SMALL_DISK));
    let (count, ran) = fill(&server);
    assert!(count > 0, "{ran:?}");
    assert_eq!(server.types(), expected(count, &[]), "queries go on");

    server.signal(&["prlimit", "--fsize=unlimited:", "--pid"]);
    let start = Instant::now();
    while let Err(ran) = server.register("after", "1") {
        assert!(start.elapsed() < PATIENCE, "it does not recover: {ran:?}");
    }
    let log = server.terminate();
    assert!(log.contains("the database cannot be written: "), "{log}");

    let server = Server::start(&mut place.shell("exec"));
    assert_eq!(server.types(), expected(count, &["after"]), "what was answered is there");
    server.terminate();
}

#[test]
fn what_is_lost_at_the_end_is_said() {
    let place = Place::new("full-disk-end", json!({"durability": "memory", "flush_period": 0.05}));
    let mut server = Server::start(&mut place.shell(SMALL_DISK));
    fill(&server);
    server.signal(&["kill", "-TERM"]);
    let mut err = String::new();
    server.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert!(err.contains("events could not be written and are lost"), "{err}");
    assert_eq!(server.child.wait().unwrap().code(), Some(2), "{err}");
}

#[test]
fn a_full_map_refuses_and_a_larger_one_goes_on() {
    let place = Place::new("full-map", json!({"limits": {"db_size": 1 << 20}}));
    let server = Server::start(&mut place.shell("exec"));
    let (count, ran) = fill(&server);
    assert!(count > 0, "{ran:?}");
    assert!(ran.err.contains("server did not register the events"), "{ran:?}");
    assert_eq!(server.types(), expected(count, &[]));
    let log = server.terminate();
    assert!(
        log.contains("the database is full: it has reached the size that is configured as limits.db_size"),
        "{log}"
    );

    place.configure(json!({"limits": {"db_size": 4 << 20}}));
    let server = Server::start(&mut place.shell("exec"));
    server.register_large("after", 100_000).unwrap();
    assert_eq!(server.types(), expected(count, &["after"]));
    server.terminate();
}
