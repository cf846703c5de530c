//! A server whose storage fails, or is not what it should be.

#![cfg(target_os = "linux")]

mod program;

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use program::{Ran, ok, run, run_on};
use serde_json::{Value, json};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a configuration; the database is beside it.
struct Place(PathBuf);

impl Place {
    /// Of this name, with some keys of the backend added.
    fn new(name: &str, changes: Value) -> Self {
        let place = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join("storage").join(name));
        // Left by an earlier run.
        let _ = fs::remove_dir_all(&place.0);
        fs::create_dir_all(&place.0).unwrap();
        place.configure(changes);
        place
    }

    fn configure(&self, changes: Value) {
        let mut backend = json!({
            "module": "hat.event.backends.lmdb",
            "db_path": self.file(),
            "identifier": null,
            "flush_period": 3600,
            "cleanup_period": 3600,
            "conditions": [],
            "latest": {"subscriptions": [["*"]]},
            "timeseries": [{"order_by": "TIMESTAMP", "subscriptions": [["*"]]}],
            "durability": "flushed",
        });
        for (key, value) in changes.as_object().unwrap() {
            backend[key] = value.clone();
        }
        let server = json!({"host": "127.0.0.1", "port": 0});
        let conf =
            json!({"name": "storage", "server_id": 1, "backend": backend, "modules": [], "eventer_server": server});
        fs::write(self.conf(), conf.to_string()).unwrap();
    }

    fn conf(&self) -> String {
        self.0.join("event.json").to_str().unwrap().to_owned()
    }

    fn file(&self) -> PathBuf {
        self.0.join("event.db")
    }

    /// The program, run by a shell that does something before.
    fn shell(&self, before: &str) -> Command {
        let mut command = Command::new("sh");
        let line = format!("{before} \"$0\" serve --conf \"$1\" --log-level warn");
        command.args(["-c", &line, env!("CARGO_BIN_EXE_hat-event"), &self.conf()]);
        command
    }

    /// Starts a server that cannot start: what it says. It must not have panicked, and not have changed anything.
    fn refused(&self, before: &str) -> String {
        let content = |path: &Path| fs::read(path).ok();
        let had = content(&self.file());
        let output = self.shell(before).stdin(Stdio::null()).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), &*output.stdout), (Some(2), &b""[..]), "{err}");
        assert!(!err.contains("panicked"), "{err}");
        assert_eq!(content(&self.file()), had, "{err}: the file has changed");
        let mut lines = err.lines();
        match (lines.next(), lines.next()) {
            (Some(line), None) => line.to_owned(),
            _ => panic!("it is to say one line: {err}"),
        }
    }

    /// Makes a database with an event, and ends the server that did.
    fn with_event(&self) {
        let server = Server::start(&mut self.shell("exec"));
        server.register("before", "1").unwrap();
        server.terminate();
    }
}

/// A server that runs until this is dropped.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some(port) = line.trim().strip_prefix("listening on 127.0.0.1:") else {
            let mut err = String::new();
            child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
            child.wait().unwrap();
            panic!("it says {line:?} and {err}");
        };
        let server = Self { port: port.to_owned(), child };
        let start = Instant::now();
        // It listens before it takes registrations.
        while let Err(ran) = server.register("ready", "1") {
            assert!(start.elapsed() < PATIENCE, "{ran:?}");
        }
        server
    }

    fn try_register(&self, event_type: &str, json: &str) -> Ran {
        run(&["register", event_type, "--json", json, "--port", &self.port])
    }

    fn register(&self, event_type: &str, json: &str) -> Result<(), Ran> {
        let ran = self.try_register(event_type, json);
        if ran.code == 0 { Ok(()) } else { Err(ran) }
    }

    /// Registers an event whose payload is too long for an argument.
    fn register_large(&self, event_type: &str, len: usize) -> Result<(), Ran> {
        let payload = format!("\"{}\"", "x".repeat(len));
        let ran = run_on(&["register", event_type, "--file", "-", "--port", &self.port], payload.as_bytes());
        if ran.code == 0 { Ok(()) } else { Err(ran) }
    }

    /// The types of all events, the oldest first, without those of the server itself.
    fn types(&self) -> Vec<String> {
        let out = ok(run(&["query", "timeseries", "--order", "ASCENDING", "--all", "--json", "--port", &self.port]));
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let types = lines.map(|line| {
            let segments = line["type"].as_array().unwrap().iter();
            segments.map(|segment| segment.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("/")
        });
        types.filter(|name| !name.starts_with("event/") && name != "ready").collect()
    }

    fn signal(&self, args: &[&str]) {
        let id = self.child.id().to_string();
        assert!(Command::new(args[0]).args(&args[1..]).arg(id).status().unwrap().success());
    }

    /// Ends it; what it logged. It must not have panicked.
    fn terminate(mut self) -> String {
        self.signal(&["kill", "-TERM"]);
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status}: {err}");
        assert!(!err.contains("panicked"), "{err}");
        err
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself was noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Registers large events until that fails: how many there are, and what was said.
fn fill(server: &Server) -> (usize, Ran) {
    for count in 0..200 {
        if let Err(ran) = server.register_large(&format!("large/{count}"), 100_000) {
            return (count, ran);
        }
    }
    panic!("it never got full");
}

fn expected(count: usize, then: &[&str]) -> Vec<String> {
    (0..count).map(|number| format!("large/{number}")).chain(then.iter().map(|name| (*name).to_owned())).collect()
}

#[test]
fn a_full_disk_refuses_and_recovers_without_a_restart() {
    let place = Place::new("full-disk", json!({}));
    // 2 MiB; the signal that a process gets beyond that would end it.
    let server = Server::start(&mut place.shell("trap '' XFSZ; ulimit -f 4096; exec"));
    let (count, ran) = fill(&server);
    assert!(count > 0, "{ran:?}");
    assert_eq!((ran.code, &*ran.out), (1, ""), "{ran:?}");
    assert!(ran.err.contains("server did not register the events"), "{ran:?}");
    assert_eq!(server.types(), expected(count, &[]), "queries go on, and nothing of what was refused is kept");

    // Room is made on the disk.
    assert!(
        Command::new("prlimit")
            .args(["--fsize=unlimited:unlimited", "--pid", &server.child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    server.register_large("after", 100_000).unwrap();
    assert_eq!(server.types(), expected(count, &["after"]));
    let log = server.terminate();
    assert!(log.contains("the database cannot be written: ") && log.contains("File too large"), "{log}");

    let server = Server::start(&mut place.shell("exec"));
    assert_eq!(server.types(), expected(count, &["after"]), "what was acknowledged is there");
    server.terminate();
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
