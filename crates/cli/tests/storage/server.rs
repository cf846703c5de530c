//! The program, with a database that something is wrong with.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{Ran, ok, run, run_on};

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A folder with a configuration; the database is beside it.
pub(crate) struct Place(PathBuf);

impl Place {
    /// Of this name, with some keys of the backend added.
    pub(crate) fn new(name: &str, changes: Value) -> Self {
        let place = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join("storage").join(name));
        // Left by an earlier run.
        let _ = fs::remove_dir_all(&place.0);
        fs::create_dir_all(&place.0).unwrap();
        place.configure(changes);
        place
    }

    pub(crate) fn configure(&self, changes: Value) {
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

    pub(crate) fn conf(&self) -> String {
        self.0.join("event.json").to_str().unwrap().to_owned()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.0.join("event.db")
    }

    /// The program, run by a shell that does something before.
    pub(crate) fn shell(&self, before: &str) -> Command {
        let mut command = Command::new("sh");
        let line = format!("{before} \"$0\" serve --conf \"$1\" --log-level warn");
        command.args(["-c", &line, env!("CARGO_BIN_EXE_hat-event"), &self.conf()]);
        command
    }

    /// Starts a server that cannot start: what it says. It must not have panicked, and not have changed anything.
    pub(crate) fn refused(&self, before: &str) -> String {
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
    pub(crate) fn with_event(&self) {
        let server = Server::start(&mut self.shell("exec"));
        server.register("before", "1").unwrap();
        server.terminate();
    }
}

/// A server that runs until this is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    port: String,
}

impl Server {
    pub(crate) fn start(command: &mut Command) -> Self {
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

    pub(crate) fn try_register(&self, event_type: &str, json: &str) -> Ran {
        run(&["register", event_type, "--json", json, "--port", &self.port])
    }

    pub(crate) fn register(&self, event_type: &str, json: &str) -> Result<(), Ran> {
        let ran = self.try_register(event_type, json);
        if ran.code == 0 { Ok(()) } else { Err(ran) }
    }

    /// Registers an event whose payload is too long for an argument.
    pub(crate) fn register_large(&self, event_type: &str, len: usize) -> Result<(), Ran> {
        let payload = format!("\"{}\"", "x".repeat(len));
        let ran = run_on(&["register", event_type, "--file", "-", "--port", &self.port], payload.as_bytes());
        if ran.code == 0 { Ok(()) } else { Err(ran) }
    }

    /// The types of all events, the oldest first, without those of the server itself.
    pub(crate) fn types(&self) -> Vec<String> {
        let out = ok(run(&["query", "timeseries", "--order", "ASCENDING", "--all", "--json", "--port", &self.port]));
        let lines = out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let types = lines.map(|line| {
            let segments = line["type"].as_array().unwrap().iter();
            segments.map(|segment| segment.as_str().unwrap().to_owned()).collect::<Vec<_>>().join("/")
        });
        types.filter(|name| !name.starts_with("event/") && name != "ready").collect()
    }

    pub(crate) fn signal(&self, args: &[&str]) {
        let id = self.child.id().to_string();
        assert!(Command::new(args[0]).args(&args[1..]).arg(id).status().unwrap().success());
    }

    /// Ends it; what it logged. It must not have panicked.
    pub(crate) fn terminate(mut self) -> String {
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
