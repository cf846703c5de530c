//! Files that a server cannot use.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use crate::server::{Place, Server};

#[test]
fn files_that_may_not_be_read_or_written_are_refused() {
    let place = Place::new("permissions", json!({}));
    place.with_event();
    let set = |mode| fs::set_permissions(place.file(), Permissions::from_mode(mode)).unwrap();
    set(0o444);
    // Nothing is forbidden to the superuser, unless it gives that up.
    let is_free = File::options().append(true).open(place.file()).is_ok();
    let before = if is_free { "exec setpriv --bounding-set -dac_override,-dac_read_search" } else { "exec" };
    for mode in [0o444, 0o200, 0o000] {
        set(mode);
        let said = place.refused(before);
        assert!(said.contains("event.db cannot be opened: Permission denied"), "mode {mode:o}: {said}");
    }
    set(0o600);
    let server = Server::start(&mut place.shell("exec"));
    assert_eq!(server.types(), ["before"]);
    server.terminate();
}

#[test]
fn other_identifiers_and_versions_are_refused() {
    let place = Place::new("identifier", json!({"identifier": "one"}));
    place.with_event();
    place.configure(json!({"identifier": "other"}));
    let said = place.refused("exec");
    assert!(said.ends_with("event.db: the database has identifier \"one\", not \"other\""), "{said}");

    // The version stands in the file as text, once in each copy of its page.
    let mut bytes = fs::read(place.file()).unwrap();
    let places: Vec<usize> =
        bytes.windows(5).enumerate().filter(|(_, text)| text == b"\"0.9\"").map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 5].copy_from_slice(b"\"0.8\"");
    }
    fs::write(place.file(), bytes).unwrap();
    place.configure(json!({"identifier": "one"}));
    let said = place.refused("exec");
    assert!(said.contains("the database has version \"0.8\", not \"0.9\""), "{said}");
}

#[test]
fn a_file_in_use_is_refused_and_its_user_goes_on() {
    let place = Place::new("in-use", json!({}));
    let server = Server::start(&mut place.shell("exec"));
    server.register("one", "1").unwrap();
    let said = place.refused("exec");
    assert!(said.ends_with("event.db is in use by another process"), "{said}");
    server.register("two", "2").unwrap();
    assert_eq!(server.types(), ["one", "two"]);
    server.terminate();
}

#[test]
fn what_is_no_database_is_refused() {
    let place = Place::new("foreign", json!({}));
    for content in [&b"not LMDB "[..], &[0; 3], &[0; 4096], &[0xff; 100_000]] {
        fs::write(place.file(), content.repeat(if content.len() == 9 { 1000 } else { 1 })).unwrap();
        let said = place.refused("exec");
        assert!(said.contains("event.db cannot be opened: it is no LMDB file"), "{said}");
    }
}

#[test]
fn a_file_that_is_cut_is_refused() {
    let place = Place::new("cut", json!({}));
    let server = Server::start(&mut place.shell("exec"));
    for number in 0..20 {
        server.register_large(&format!("large/{number}"), 20_000).unwrap();
    }
    server.terminate();
    let whole = fs::read(place.file()).unwrap();
    for (len, reason) in [(4096, "it is no LMDB file"), (8192, "it is cut off"), (whole.len() / 2, "it is cut off")] {
        fs::write(place.file(), &whole[..len]).unwrap();
        let said = place.refused("exec");
        assert!(said.contains(&format!("event.db cannot be opened: {reason}")), "{len} bytes: {said}");
    }
    fs::write(place.file(), &whole).unwrap();
    let server = Server::start(&mut place.shell("exec"));
    assert_eq!(server.types().len(), 20);
    server.terminate();
}
