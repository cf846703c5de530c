//! A whole server, of the reference or of this project, as a test needs it.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use hat_event_chatter::Address;
use hat_event_common::Status;
use hat_event_eventer::{Client, ClientOptions, ConnectError, Events};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio::time::{Duration, sleep};

use super::peer::{python, within};

/// Whose server.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Program {
    Reference,
    Ours,
}

impl Program {
    /// How it is started with the configuration of a folder. What ours has to say goes into a file there, `log`.
    pub(crate) fn command(self, folder: &Path) -> Command {
        let mut command = match self {
            Self::Reference => {
                let mut command = python();
                command.args(["-m", "hat.event.server"]);
                command
            }
            Self::Ours => {
                let program = std::env::var_os("HAT_EVENT_PROGRAM").expect("run this by `cargo xtask interop`");
                let log = File::options().append(true).create(true).open(folder.join("log")).unwrap();
                let mut command = Command::new(program);
                command.args(["serve", "--log-level", "error"]);
                command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).kill_on_drop(true);
                command
            }
        };
        command.arg("--conf").arg(folder.join("conf.json"));
        command
    }
}

/// A server that runs until this is dropped, with all that it wrote.
pub(crate) struct Whole {
    pub(crate) child: Child,
    program: Program,
    pub(crate) address: Address,
    pub(crate) folder: PathBuf,
}

impl Whole {
    /// Starts the server, and waits until it listens.
    pub(crate) async fn start(program: Program, name: &str, backend: impl FnOnce(&Path) -> Value) -> Self {
        let folder = std::env::temp_dir().join(format!("hat-event-interop-{}-{name}-{program:?}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let backend = backend(&folder);
        within("the server listens", async {
            loop {
                // Somebody else may have taken the port when the server comes to it.
                if let Some((child, address)) = Self::try_start(program, name, &folder, &backend).await {
                    return Self { child, program, address, folder };
                }
            }
        })
        .await
    }

    async fn try_start(program: Program, name: &str, folder: &Path, backend: &Value) -> Option<(Child, Address)> {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
        let conf = json!({
            "name": name, "server_id": 5, "server_token": "right", "modules": [], "backend": backend,
            "eventer_server": {"host": address.ip(), "port": address.port()},
            // Tests cause errors on purpose.
            "log": {"version": 1, "root": {"level": "CRITICAL"}},
        });
        std::fs::write(folder.join("conf.json"), conf.to_string()).unwrap();
        let child = Self::run(program, folder, address).await?;
        Some((child, address.into()))
    }

    /// Runs a server by the configuration of the folder, and waits until it listens; `None` if it ends before.
    async fn run(program: Program, folder: &Path, address: SocketAddr) -> Option<Child> {
        let mut child = program.command(folder).spawn().unwrap();
        while tokio::net::TcpStream::connect(address).await.is_err() {
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            // It does not say when it does.
            sleep(Duration::from_millis(20)).await;
        }
        Some(child)
    }

    /// Ends it, and starts it again with what it has stored.
    pub(crate) async fn restart(&mut self) {
        self.terminate().await;
        self.start_again(self.program).await;
    }

    /// Starts a server with what the one before has stored, which has ended.
    pub(crate) async fn start_again(&mut self, program: Program) {
        let address = self.address.to_string().parse().unwrap();
        self.program = program;
        self.child = within("the server listens", Self::run(program, &self.folder, address)).await.unwrap();
    }

    pub(crate) async fn try_connect(&self, options: ClientOptions) -> Result<(Client, Events), ConnectError> {
        within("connected", Client::connect(&self.address, options)).await
    }

    /// Connects, and waits until the server takes events.
    pub(crate) async fn connect(&self, options: ClientOptions) -> (Client, Events) {
        let (client, events) = self.try_connect(options).await.unwrap();
        let mut status = client.watch_status();
        within("operational", status.wait_for(|status| *status == Status::Operational)).await.unwrap();
        (client, events)
    }

    /// Ends it as a crash does.
    pub(crate) async fn kill(&mut self) {
        within("the server is killed", self.child.kill()).await.unwrap();
    }

    /// Ends it as an administrator does, and waits for it.
    pub(crate) async fn terminate(&mut self) {
        let id = self.child.id().unwrap().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(sent.success());
        within("the server ends", self.child.wait()).await.unwrap();
    }
}

impl Drop for Whole {
    fn drop(&mut self) {
        // The process is killed with the field.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
