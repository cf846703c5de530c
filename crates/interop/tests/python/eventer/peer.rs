//! A process of the reference that has clients and servers and does what a test tells it.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hat_event_chatter::Address;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::trial::NEWEST;

/// So long anything may take that a test waits for: much longer than it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits for what has to happen.
pub(crate) async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what}: nothing within {PATIENCE:?}"))
}

/// The Python of the reference, whose process is killed when it is dropped, also by a panic.
pub(crate) fn python() -> Command {
    let python =
        std::env::var_os(NEWEST).unwrap_or_else(|| panic!("{NEWEST} is not set: run this by `cargo xtask interop`"));
    let mut command = Command::new(python);
    command.arg("-B").stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    command
}

/// `python/eventer_peer.py`, which tells what can be asked.
#[derive(Debug)]
pub(crate) struct Peer {
    child: Child,
    questions: tokio::sync::Mutex<ChildStdin>,
    last_id: AtomicU64,
    answers: Answers,
    reports: tokio::sync::Mutex<mpsc::UnboundedReceiver<Value>>,
}

/// Those who wait, by the numbers of their questions.
type Answers = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

impl Peer {
    pub(crate) fn start() -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/eventer_peer.py");
        let mut child = python().arg(script).stdin(Stdio::piped()).spawn().unwrap();
        let questions = child.stdin.take().unwrap().into();
        let (answers, (report, reports)) = (Answers::default(), mpsc::unbounded_channel());
        tokio::spawn(read(child.stdout.take().unwrap(), Arc::clone(&answers), report));
        Self { child, questions, last_id: AtomicU64::new(0), answers, reports: reports.into() }
    }

    /// A process that has a server, and where that listens; the options are those of the reference.
    pub(crate) async fn listening(options: Value) -> (Self, Address) {
        let python = Self::start();
        let address = python.listen(options).await;
        (python, address)
    }

    /// Has a server listen, on a port of the system's choice if nothing else is said.
    pub(crate) async fn listen(&self, mut options: Value) -> Address {
        if options["server"].is_null() {
            options["server"] = "127.0.0.1:0".into();
        }
        self.ask("listen", options).await.as_str().unwrap().parse().unwrap()
    }

    /// What comes of a request, or the name and the text of the exception.
    pub(crate) async fn attempt(&self, what: &str, mut with: Value) -> Result<Value, (String, String)> {
        let id = self.last_id.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        self.answers.lock().unwrap().insert(id, answer);
        with["id"] = id.into();
        with["do"] = what.into();
        let line = format!("{with}\n");
        within(what, async { self.questions.lock().await.write_all(line.as_bytes()).await }).await.unwrap();
        let mut answer = within(what, answered).await.unwrap_or_else(|_| panic!("{what}: Python has ended"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        match answer.get("error") {
            Some(error) => Err((text(error), text(&answer["text"]))),
            None => Ok(answer["result"].take()),
        }
    }

    /// What comes of a request that has to succeed.
    pub(crate) async fn ask(&self, what: &str, with: Value) -> Value {
        self.attempt(what, with).await.unwrap_or_else(|error| panic!("{what}: {error:?}"))
    }

    /// Has a client `client` connect; the other options are those of the reference.
    pub(crate) async fn connect(&self, client: &str, server: &str, mut with: Value) -> Value {
        with["client"] = client.into();
        with["name"] = client.into();
        with["server"] = server.into();
        self.ask("connect", with).await
    }

    /// The next report, which has to be of this kind.
    pub(crate) async fn report(&self, kind: &str) -> Value {
        let report = within(kind, async { self.reports.lock().await.recv().await }).await;
        let report = report.unwrap_or_else(|| panic!("Python has ended before it reported {kind}"));
        assert_eq!(report["report"], json!(kind), "{report}");
        report
    }

    /// Whether there is no report that nobody has taken.
    pub(crate) async fn is_quiet(&self) -> bool {
        self.reports.lock().await.is_empty()
    }

    /// Stops the process, as a machine that hangs.
    pub(crate) async fn stop(&self) {
        let id = self.child.id().unwrap().to_string();
        let status = Command::new("kill").args(["-STOP", &id]).status().await.unwrap();
        assert!(status.success());
    }
}

/// Passes on all that the process says.
async fn read(output: ChildStdout, answers: Answers, report: mpsc::UnboundedSender<Value>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line: Value = serde_json::from_str(&line).unwrap();
        let waiting = line["id"].as_u64().and_then(|id| answers.lock().unwrap().remove(&id));
        // Nobody waits any more if a test has failed.
        match waiting {
            Some(waiting) => drop(waiting.send(line)),
            None => drop(report.send(line)),
        }
    }
    answers.lock().unwrap().clear();
}
