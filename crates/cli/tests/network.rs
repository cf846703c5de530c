//! The commands that talk to a server, and the server.

#![cfg(unix)]

mod program;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use program::{Ran, check_error, command, ok, run, run_on, write};
use serde_json::Value;

/// A server that is ended with the test.
struct Server {
    child: Child,
    port: String,
}

impl Server {
    fn start() -> Self {
        let mut child = command(&["serve", "--memory", "--port", "0", "--log-level", "debug"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("listening on 127.0.0.1:").unwrap().to_owned();
        Self { child, port }
    }

    fn args<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        [args, &["--port", &self.port]].concat()
    }

    fn run(&self, args: &[&str]) -> Ran {
        run(&self.args(args))
    }

    fn ok(&self, args: &[&str]) -> String {
        ok(self.run(args))
    }

    /// A command that goes on by itself.
    fn spawn(&self, args: &[&str]) -> Child {
        command(&self.args(args)).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// Registers events until a subscriber has printed a line; only then it is known to be there.
fn first_line(server: &Server, subscriber: &mut BufReader<impl Read + Send + 'static>) -> String {
    let mut line = String::new();
    std::thread::scope(|scope| {
        let reading = scope.spawn(|| subscriber.read_line(&mut line).unwrap());
        while !reading.is_finished() {
            server.ok(&["register", "knock"]);
        }
    });
    line
}

#[test]
fn what_is_registered_is_found() {
    let server = Server::start();
    let printed =
        server.ok(&["register", "house/door", "--json", "{\"open\": [true, 1.50]}", "--source-timestamp", "1.5"]);
    // Before it, the engine started and this client came.
    assert!(printed.starts_with("house/door  1.3.1  20"), "{printed}");
    assert!(printed.ends_with("(source 1970-01-01 00:00:01.500000Z)  {\"open\": [true, 1.50]}\n"), "{printed}");
    let file = write("payload.json", " [1, 2]\n");
    let of_file = server.ok(&["register", "house/file", "--file", &file]);
    assert!(of_file.ends_with("  [1, 2]\n"));
    let printed = server.ok(&["register", "house/picture", "--binary", "image/png", &file]);
    assert!(printed.ends_with("binary \"image/png\", 8 bytes: 205b312c20325d0a\n"), "{printed}");
    assert!(server.ok(&["register", "other"]).starts_with("other  1."));

    let types = |args: &[&str]| {
        let lines = json_lines(&server.ok(&[args, &["--json"]].concat()));
        let name = |line: &Value| {
            line["type"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect::<Vec<_>>().join("/")
        };
        // Not those of the server itself: who came and left.
        lines.iter().map(name).filter(|name| !name.starts_with("event/")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(types(&["query", "latest", "--event-types", "house/door"]), "house/door");
    assert_eq!(
        types(&["query", "timeseries", "--event-types", "house/?", "other"]),
        "other house/picture house/file house/door"
    );
    assert_eq!(types(&["query", "timeseries", "--order", "ASCENDING", "--order-by", "SOURCE_TIMESTAMP"]), "house/door");
    let id = of_file.split_whitespace().nth(1).unwrap().replace('.', ",");
    assert_eq!(types(&["query", "server", "1", "--persisted", "--last-event-id", &id]), "house/picture other");
    assert_eq!(
        types(&["query", "timeseries", "--max-results", "1", "--all"]),
        "other house/picture house/file house/door"
    );
    assert_eq!(types(&["query", "timeseries", "--source-t-from", "1.4", "--source-t-to", "1.5"]), "house/door");

    let ran = server.run(&["query", "server", "1", "--max-results", "3"]);
    assert_eq!((ran.code, ran.out.lines().count(), &*ran.err), (0, 3, "more events follow: --all has them\n"));
    let ran = server.run(&["query", "server", "2"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (1, "", ""));
}

#[test]
fn streams_are_registered_in_order_and_nothing_before_an_error_is_lost() {
    let server = Server::start();
    let lines: String = (0..1000).map(|i| format!("{{\"type\": [\"a\", \"{i}\"]}}\n\n")).collect();
    let file = write("stream.jsonl", &lines);
    assert_eq!(
        server.ok(&["register", "--stream", &file, "--batch", "7", "--window", "3"]),
        "1000 events registered\n"
    );
    let found = server.ok(&["query", "server", "1", "--all", "--max-results", "300", "--json"]);
    let found: Vec<&str> = found.lines().filter(|line| line.contains("\"a\"")).collect();
    let found = found.join("\n");
    let numbers = json_lines(&found)
        .iter()
        .map(|line| line["type"][1].as_str().unwrap().parse().unwrap())
        .collect::<Vec<usize>>();
    assert!(numbers == (0..1000).collect::<Vec<_>>(), "{numbers:?}");

    // What was found can be registered again.
    let again = run_on(&server.args(&["register", "--stream", "-", "--batch", "1000"]), found.as_bytes());
    assert_eq!(ok(again), "1000 events registered\n");

    let ran = run_on(
        &server.args(&["register", "--stream", "-"]),
        b"{\"type\": [\"b\"]}\n{\"type\": [\"c\"]}\n{\"type\": \"d\"}\n{\"type\": [\"e\"]}\n",
    );
    assert_eq!((ran.code, &*ran.out), (2, "2 events registered\n"));
    assert!(ran.err.starts_with("error: standard input: line 3: "), "{}", ran.err);
    assert_eq!(json_lines(&server.ok(&["query", "latest", "--json", "--event-types", "?"])).len(), 2);
}

#[test]
fn subscribers_are_told_of_what_they_want() {
    let server = Server::start();
    let mut limited = server.spawn(&["subscribe", "--json", "--count", "1", "a/?", "b"]);
    let mut all = server.spawn(&["subscribe", "--persisted", "--server-id", "1", "knock"]);
    let mut printed = BufReader::new(all.stdout.take().unwrap());
    assert!(first_line(&server, &mut printed).starts_with("knock  1."));
    // The other one ends by itself, once it has one event of its types.
    while limited.try_wait().unwrap().is_none() {
        server.ok(&["register", "a/x", "--json", "\"\\u001b[31m\""]);
    }
    let mut text = String::new();
    limited.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!(json_lines(&text)[0]["type"], serde_json::json!(["a", "x"]));
    assert!(limited.wait().unwrap().success());

    signal(&all, "-INT");
    assert!(all.wait().unwrap().success());
}

#[test]
fn subscribers_are_told_of_the_end_of_the_server() {
    let mut server = Server::start();
    let mut subscriber = server.spawn(&["subscribe"]);
    let mut printed = BufReader::new(subscriber.stdout.take().unwrap());
    first_line(&server, &mut printed);
    signal(&server.child, "-TERM");
    assert!(server.child.wait().unwrap().success());
    assert_eq!(subscriber.wait().unwrap().code(), Some(2));
    let mut error = String::new();
    subscriber.stderr.take().unwrap().read_to_string(&mut error).unwrap();
    assert_eq!(error, format!("error: server 127.0.0.1:{}: connection ended: closed by the peer\n", server.port));
    server = Server::start();
    drop(server);
}

#[test]
fn benchmarks_measure() {
    let server = Server::start();
    for what in ["register", "fanout", "query"] {
        let args = ["bench", what, "--duration", "1", "--batch", "10", "--window", "4", "--clients", "3", "--json"];
        let measured = &json_lines(&server.ok(&args))[0];
        let (requests, events) = (measured["requests"].as_u64().unwrap(), measured["events"].as_u64().unwrap());
        assert!(requests > 0, "{measured}");
        assert_eq!(events, requests * if what == "fanout" { 30 } else { 10 }, "{measured}");
        assert!(measured["latency_us"]["p99.9"].as_f64() >= measured["latency_us"]["p50"].as_f64());
    }
    assert!(server.ok(&["bench", "register", "--duration", "1"]).contains("a request takes p50 "));
}

#[test]
fn unix_sockets_are_served_too() {
    let path = write("server.sock", "");
    std::fs::remove_file(&path).unwrap();
    let mut child =
        command(&["serve", "--memory", "--port", "0", "--unix", &path]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.next().unwrap().unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), format!("listening on unix:{path}"));
    let ran = run(&["register", "a", "--unix", &path]);
    signal(&child, "-INT");
    assert!(child.wait().unwrap().success());
    assert!(ok(ran).starts_with("a  1.3.1"));
    assert!(!std::path::Path::new(&path).exists());
}

#[test]
fn wrong_input_is_named() {
    let server = Server::start();
    let check = |args: &[&str], error: &str| check_error(server.run(args), error);
    check(&["register", "a", "--json", "{"], "--json: ");
    check(&["register", "a", "--file", "/nonexistent"], "/nonexistent: No such file");
    check(&["register", "a", "--json", "1", "--file", "b"], "cannot be used with");
    check(&["register"], "required arguments were not provided");
    check(&["register", "a", "--source-timestamp", "soon"], "neither `now` nor seconds since 1970");
    check(&["query", "server", "-1"], "unexpected argument '-1'");
    check(&["query", "server", "x"], "\"x\" is no number from 0 to 2^63 - 1");
    check(&["query", "server", "1", "--last-event-id", "1,2"], "is no event id: SERVER,SESSION,INSTANCE");
    check(&["query", "server", "1", "--last-event-id", "2,2,2"], "connection ended");
    check(&["subscribe", "a/*/b"], "invalid value 'a/*/b'");
    check(&["serve", "--memory", "--host", "127.0.0.1"], "cannot listen on 127.0.0.1:");
}

#[test]
fn a_server_that_is_not_there_is_named() {
    let port = Server::start().port.clone();
    for args in [&["subscribe"][..], &["register", "a"], &["query", "latest"], &["bench", "query"]] {
        let error = format!("error: server 127.0.0.1:{port}: cannot connect to 127.0.0.1:{port}: Connection refused");
        check_error(run(&[args, &["--port", &port]].concat()), &error);
    }
}
