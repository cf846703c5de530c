//! Starting servers, and ending them.

use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use serde_json::json;

use super::connection::Connection;
use super::driver::Driver;
use super::{FLOOR, NATS};
use crate::Result;
use crate::contest::{HERE, REFERENCE};

/// So long a server may take until it serves.
const PATIENCE: Duration = Duration::from_secs(30);
/// What a server says when it has chosen a port, before the address.
const SAYS: &str = "listening on ";
const PAUSE: Duration = Duration::from_millis(1);

/// A server that runs until this is dropped.
pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Server {
    /// This project's, which keeps events in memory.
    pub(crate) fn here(driver: &Driver) -> Result<Self> {
        let program = env::var_os("HAT_EVENT_PROGRAM").ok_or("run this by `cargo xtask compare`")?;
        let mut command = Command::new(program);
        let server = Self::announced(HERE, command.args(["serve", "--memory", "--host", "127.0.0.1", "--port", "0"]))?;
        server.wait_until_operational(driver)
    }

    /// The reference's, which keeps nothing.
    pub(crate) fn reference(driver: &Driver) -> Result<Self> {
        let python = env::var_os("HAT_PYTHON_0_9_44").ok_or("run this by `cargo xtask compare`")?;
        let address = free_address()?;
        let conf = json!({
            "name": "compare",
            "server_id": 1,
            "backend": {"module": "hat.event.backends.dummy"},
            "modules": [],
            "eventer_server": {"host": address.ip().to_string(), "port": address.port()},
        });
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("compare-server-{}.json", address.port()));
        fs::write(&path, conf.to_string())?;
        let mut command = Command::new(python);
        command.args(["-m", "hat.event.server", "--conf"]).arg(&path);
        let server = Self::on_port(REFERENCE, address, &mut command)?.wait_until_operational(driver);
        fs::remove_file(path)?;
        server
    }

    /// Of this project or of the reference, with a configuration that both read. It may not be operational yet.
    pub(crate) fn configured(name: &'static str, conf: &Path, address: SocketAddr) -> Result<Self> {
        let variable = if name == HERE { "HAT_EVENT_PROGRAM" } else { "HAT_PYTHON_0_9_44" };
        let mut command = Command::new(env::var_os(variable).ok_or("run this by `cargo xtask compare`")?);
        if name == HERE {
            command.args(["serve", "--log-level", "warn", "--conf"])
        } else {
            command.args(["-m", "hat.event.server", "--conf"])
        };
        Self::on_port(name, address, command.arg(conf))
    }

    /// The servers of the floor, as this program has them.
    pub(crate) fn floor() -> Result<Self> {
        Self::announced(FLOOR, Command::new(env::current_exe()?).arg("--floor"))
    }

    /// NATS without anything that is off by default, if it is installed.
    pub(crate) fn nats() -> Result<Option<Self>> {
        let Some(program) = find("nats-server") else {
            eprintln!("nats-server is not installed, so it is not measured: `apt-get install nats-server` on Debian");
            return Ok(None);
        };
        let address = free_address()?;
        let mut command = Command::new(program);
        command.args(["--addr", "127.0.0.1", "--port"]).arg(address.port().to_string());
        Self::on_port(NATS, address, command.stderr(Stdio::null())).map(Some)
    }

    /// One that chooses a port and says so in its first line.
    fn announced(name: &'static str, command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|error| format!("cannot run {name} ({command:?}): {error}"))?;
        let stdout = child.stdout.take();
        // From here on it is ended whatever happens.
        let mut server = Self { name, address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), child };
        let mut lines = BufReader::new(stdout.ok_or("a started server has no output")?).lines();
        let (sender, first) = mpsc::channel();
        thread::spawn(move || {
            let _ = sender.send(lines.next());
            // What it says later is nobody's, but it must not wait for somebody to read it.
            lines.for_each(drop);
        });
        let line = first.recv_timeout(PATIENCE).map_err(|_| format!("{name} does not say where it listens"))?;
        let line = line.ok_or_else(|| format!("{name} ended before it said where it listens: see above"))??;
        let address = line.strip_prefix(SAYS).and_then(|address| address.trim().parse().ok());
        server.address = address.ok_or_else(|| format!("{name} says {line:?} instead of where it listens"))?;
        Ok(server)
    }

    /// One that is told where to listen.
    fn on_port(name: &'static str, address: SocketAddr, command: &mut Command) -> Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        let child = child.map_err(|error| format!("cannot run {name} ({command:?}): {error}"))?;
        let mut server = Self { name, address, child };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = server.child.try_wait()? {
                return Err(format!("{name} ended before it listened ({status})").into());
            }
            if start.elapsed() > PATIENCE {
                return Err(format!("{name} does not listen").into());
            }
            thread::sleep(PAUSE);
        }
        Ok(server)
    }

    pub(crate) fn wait_until_operational(self, driver: &Driver) -> Result<Self> {
        let start = Instant::now();
        while !driver.run(self.name, Connection::open(self.address, "compare", &[]))?.1 {
            if start.elapsed() > PATIENCE {
                return Err(format!("{} does not become operational", self.name).into());
            }
            thread::sleep(PAUSE);
        }
        Ok(self)
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// How much memory of its own and of others it has in use, in bytes.
    pub(crate) fn memory(&self) -> Result<f64> {
        let path = format!("/proc/{}/smaps_rollup", self.child.id());
        let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {path}: {error}"))?;
        let kib =
            text.lines().find_map(|line| line.strip_prefix("Rss:")?.trim().strip_suffix("kB")?.trim().parse().ok());
        Ok(kib.map(|kib: f64| kib * 1024.0).ok_or_else(|| format!("{path} does not tell the memory"))?)
    }
}

/// What the kernel tells of the memory of a process, in MiB: all that is resident, what is its own, and what is of files.
pub(crate) fn resident(process: u32) -> Result<[f64; 3]> {
    let path = format!("/proc/{process}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("cannot read {path}: {error}"))?;
    let field = |name: &str| -> Result<f64> {
        let kib = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok());
        Ok(kib.map(|kib: f64| kib / 1024.0).ok_or_else(|| format!("{path} does not tell {name}"))?)
    };
    Ok([field("VmRSS:")?, field("RssAnon:")?, field("RssFile:")?])
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has nothing to lose, and one that has ended by itself was noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// Where a program is. Debian has those of servers where only the administrator looks for programs.
fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).chain(["/usr/sbin".into()]).map(|folder| folder.join(program)).find(|path| path.is_file())
}
