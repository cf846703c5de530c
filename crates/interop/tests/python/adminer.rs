//! The adminer protocol, each side of the reference with the other of this project.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use hat_event_chatter::{Address, Config, ListenConfig, Listener};
use hat_event_common::BoxError;
use hat_event_eventer::{AdminerClient, AdminerError, AdminerServer, LogConfHandler, RequestError};
use hat_event_server::log::{LogConf, Logging};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tracing::level_filters::LevelFilter;

use crate::trial::NEWEST;

/// Waits for what has to happen, much longer than it takes on a busy machine.
async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), future).await.expect("nothing within 30 s")
}

/// `python/adminer.py`, which tells what it is asked; killed when dropped.
struct Peer {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
}

impl Peer {
    fn start(args: &[&str]) -> Self {
        let python = std::env::var_os(NEWEST).expect("run this by `cargo xtask interop`");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/adminer.py");
        let mut command = Command::new(python);
        command.arg("-B").arg(script).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { input: child.stdin.take(), child, output }
    }

    /// A server, and where it listens.
    async fn server(kind: &str) -> (Self, Address) {
        let mut server = Self::start(&[kind]);
        let port = server.line().await.as_u64().unwrap();
        (server, Address::tcp("127.0.0.1", port.try_into().unwrap()))
    }

    fn client(listener: &Listener) -> Self {
        let Address::Tcp { port, .. } = &listener.addresses()[0] else { unreachable!() };
        Self::start(&["client", &port.to_string()])
    }

    async fn line(&mut self) -> Value {
        let line = within(self.output.next_line()).await.unwrap().expect("Python has ended");
        serde_json::from_str(&line).unwrap()
    }

    /// What comes of requests that are made at once.
    async fn ask(&mut self, requests: Value) -> Value {
        within(self.input.as_mut().unwrap().write_all(format!("{requests}\n").as_bytes())).await.unwrap();
        self.line().await
    }

    /// Has it close its connections and end.
    async fn end(&mut self) {
        self.input = None;
        assert!(within(self.child.wait()).await.unwrap().success());
    }
}

/// Does what that of `python/adminer.py` does.
#[derive(Default)]
struct Conf(Mutex<Option<Value>>);

#[async_trait]
impl LogConfHandler for Conf {
    async fn get(&self) -> Result<Value, BoxError> {
        self.0.lock().unwrap().clone().ok_or_else(|| "ništa postavljeno".into())
    }

    async fn set(&self, conf: Value) -> Result<(), BoxError> {
        if conf["version"] != 1 {
            return Err(format!("Unsupported version: {}", conf["version"]).into());
        }
        *self.0.lock().unwrap() = Some(conf);
        Ok(())
    }
}

async fn listen(handler: Option<Arc<dyn LogConfHandler>>) -> Listener {
    AdminerServer::new(handler).listen(&[Address::tcp("127.0.0.1", 0)], ListenConfig::default()).await.unwrap()
}

/// Whose text does not fit into a message of 64 KiB, and has all that JSON has.
fn conf() -> Value {
    json!({
        "version": 1, "disable_existing_loggers": false, "root": {"level": "DEBUG", "handlers": ["a", "b"]},
        "x": [1.5, -1e300, 1u64 << 53, null, true, {}, [], "\"\\\u{7f}\n žš 😀"], "long": "č".repeat(100_000),
    })
}

fn server_error(error: AdminerError) -> String {
    let AdminerError::Server(text) = error else { panic!("{error}") };
    text
}

#[tokio::test]
async fn our_adminer_client_understands_the_server_of_the_reference() {
    let (mut server, address) = Peer::server("server").await;
    let client = within(AdminerClient::connect(&address, Config::default())).await.unwrap();
    assert_eq!(server_error(client.get_log_conf().await.unwrap_err()), "ništa postavljeno");
    assert_eq!(server_error(client.set_log_conf(&json!({"version": 5})).await.unwrap_err()), "Unsupported version: 5");
    let conf = conf();
    client.set_log_conf(&conf).await.unwrap();
    let (a, b, c) = tokio::join!(client.get_log_conf(), client.set_log_conf(&conf), client.get_log_conf());
    b.unwrap();
    assert_eq!((a.unwrap(), c.unwrap()), (conf.clone(), conf));
    server.end().await;
    let error = client.get_log_conf().await.unwrap_err();
    assert!(matches!(error, AdminerError::Request(RequestError::Closed(_))), "{error}");
}

#[tokio::test]
async fn our_adminer_client_is_refused_as_by_our_server_without_a_handler() {
    let (_server, reference) = Peer::server("bare").await;
    let ours = listen(None).await;
    let mut texts = Vec::new();
    for address in [&reference, &ours.addresses()[0]] {
        let client = within(AdminerClient::connect(address, Config::default())).await.unwrap();
        texts.push(server_error(client.get_log_conf().await.unwrap_err()));
        texts.push(server_error(client.set_log_conf(&json!({})).await.unwrap_err()));
    }
    assert_eq!(texts[..2], texts[2..]);
    ours.async_close().await;
}

#[tokio::test]
async fn the_adminer_client_of_the_reference_understands_our_server() {
    let listener = listen(Some(Arc::new(Conf::default()))).await;
    let mut client = Peer::client(&listener);
    let (get, set) = (json!({"do": "get"}), |conf| json!({"do": "set", "conf": conf}));
    let error = |text| json!({"error": "AdminerError", "text": text});
    assert_eq!(client.ask(json!([get])).await, json!([error("ništa postavljeno")]));
    assert_eq!(client.ask(json!([set(json!({"version": 5}))])).await, json!([error("Unsupported version: 5")]));
    assert_eq!(client.ask(json!([set(conf())])).await, json!([{"result": null}]));
    let answers = client.ask(json!([get, set(conf()), get])).await;
    assert_eq!(answers, json!([{"result": conf()}, {"result": null}, {"result": conf()}]));
    listener.async_close().await;
    assert_eq!(client.ask(json!([get])).await, json!([{"error": "ConnectionError", "text": ""}]));
    client.end().await;
}

#[tokio::test]
async fn the_adminer_client_of_the_reference_is_refused_without_a_handler() {
    let listener = listen(None).await;
    let mut client = Peer::client(&listener);
    let refused = json!({"error": "AdminerError", "text": "not implemented"});
    let answers = client.ask(json!([{"do": "get"}, {"do": "set", "conf": {}}])).await;
    assert_eq!(answers, json!([refused, refused]));
    client.end().await;
    listener.async_close().await;
}

#[tokio::test]
async fn the_adminer_client_of_the_reference_changes_how_a_server_logs() {
    let logging = Arc::new(Logging::start(LogConf::plain(LevelFilter::OFF)).unwrap());
    let address = Address::tcp("127.0.0.1", 0);
    let listener =
        hat_event_server::adminer::serve(&address, ListenConfig::default(), Some(Arc::clone(&logging))).await.unwrap();
    let mut client = Peer::client(&listener);
    let get = json!([{"do": "get"}]);
    assert_eq!(client.ask(get.clone()).await, json!([{"result": null}]));
    let conf =
        json!({"version": 1, "root": {"level": "CRITICAL"}, "handlers": {"h": {"class": "logging.NullHandler"}}});
    assert_eq!(client.ask(json!([{"do": "set", "conf": conf}])).await, json!([{"result": null}]));
    let file = json!({"class": "logging.FileHandler", "filename": "/no/such/folder/a.log"});
    for (wrong, why) in [
        (json!({"version": "1"}), "version"),
        (json!({"version": 2}), "log.version: it has to be 1"),
        (json!({"version": 1, "handlers": {"h": file}}), "cannot open /no/such/folder/a.log"),
    ] {
        let answer = client.ask(json!([{"do": "set", "conf": wrong}])).await;
        assert!(answer[0]["text"].as_str().is_some_and(|text| text.contains(why)), "{answer}");
    }
    assert_eq!(client.ask(get).await, json!([{"result": conf}]));
    client.end().await;
    listener.async_close().await;
}
