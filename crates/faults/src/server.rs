//! The program, and what is seen of it from outside.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use hat_event_chatter::Address;

use crate::Result;
use crate::place::Place;

const PATIENCE: Duration = Duration::from_secs(30);
const IN_MEMORY: [&str; 6] = ["serve", "--memory", "--host", "127.0.0.1", "--port", "0"];
const SAYS: &str = "listening on ";

/// A server that runs until this is dropped.
pub(crate) struct Server {
    pub(crate) address: Address,
    child: Child,
    log: Arc<Mutex<Vec<(Instant, String)>>>,
}

impl Server {
    /// One that keeps events in memory.
    pub(crate) fn start(args: &[&str]) -> Result<Self> {
        Self::spawn(Command::new(program()?).args(IN_MEMORY).args(args))
    }

    /// The same, and the allocator gives memory back at once: what it keeps to itself would look as if it were needed.
    pub(crate) fn start_frugal() -> Result<Self> {
        let mut command = Command::new(program()?);
        for name in ["MALLOC_TRIM_THRESHOLD_", "MALLOC_TOP_PAD_"] {
            command.env(name, "0");
        }
        Self::spawn(command.env("MALLOC_MMAP_THRESHOLD_", "65536").args(IN_MEMORY))
    }

    /// One that keeps no events, not even of who comes and goes.
    pub(crate) fn start_dummy(place: &Place, args: &[&str]) -> Result<Self> {
        Self::spawn(Command::new(program()?).arg("serve").args(args).arg("--conf").arg(place.conf()))
    }

    /// One with a configuration.
    pub(crate) fn start_conf(conf: &Path) -> Result<Self> {
        Self::spawn(Command::new(program()?).arg("serve").arg("--conf").arg(conf))
    }

    /// The same, run by another program.
    pub(crate) fn start_conf_under(runner: &mut Command, conf: &Path) -> Result<Self> {
        Self::spawn(runner.arg(program()?).arg("serve").arg("--conf").arg(conf))
    }

    fn spawn(command: &mut Command) -> Result<Self> {
        // One arena: memory that another thread's arena keeps would look as if it were still needed.
        command.env("MALLOC_ARENA_MAX", "1").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        // From here on it is ended whatever happens.
        let mut server = Self { address: Address::tcp("127.0.0.1", 0), child, log: Arc::default() };
        let log = Arc::clone(&server.log);
        let stderr = BufReader::new(stderr.ok_or("a started server has no log")?);
        thread::spawn(move || {
            for line in stderr.lines().map_while(std::result::Result::ok) {
                log.lock().unwrap_or_else(PoisonError::into_inner).push((Instant::now(), line));
            }
        });
        let mut lines = BufReader::new(stdout.ok_or("a started server has no output")?).lines();
        let (sender, first) = mpsc::channel();
        thread::spawn(move || sender.send(lines.next()));
        let line = first.recv_timeout(PATIENCE).map_err(|_| "the server does not say where it listens")?;
        let Some(line) = line else {
            return Err(format!("the server ended before it said where it listens: {}", server.last_line()).into());
        };
        let line = line?;
        server.address = line.strip_prefix(SAYS).ok_or_else(|| format!("the server says {line:?}"))?.parse()?;
        Ok(server)
    }

    /// The number of its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens, as sockets of the standard library take it.
    pub(crate) fn host_port(&self) -> String {
        self.address.to_string()
    }

    /// When it logged lines that contain `text`.
    pub(crate) fn logged(&self, text: &str) -> Vec<Instant> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().filter(|(_, line)| line.contains(text)).map(|(time, _)| *time).collect()
    }

    /// An error if it has ended, or a task of it has panicked.
    pub(crate) fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("the server ended ({status}): {}", self.last_line()).into());
        }
        if self.logged("panicked").is_empty() { Ok(()) } else { Err("the server panicked".into()) }
    }

    /// Kills it, as a crash would end it.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end, and waits until it has; how long that took, and an error if it does not end well.
    pub(crate) async fn terminate(&mut self, limit: Duration) -> Result<Duration> {
        let start = Instant::now();
        let id = self.id().to_string();
        if !Command::new("kill").args(["-TERM", &id]).status()?.success() {
            return Err("the server cannot be told to end".into());
        }
        let mut status = None;
        let child = &mut self.child;
        let ended = wait(limit, || {
            status = child.try_wait()?;
            Ok(status.is_some())
        });
        ended.await?;
        match status {
            Some(status) if status.success() => Ok(start.elapsed()),
            Some(status) => Err(format!("the server ended with {status}: {}", self.last_line()).into()),
            None => Err(format!("the server has not ended after {limit:?}").into()),
        }
    }

    fn last_line(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.last().map_or_else(String::new, |(_, line)| line.clone())
    }

    /// How many files it has open.
    pub(crate) fn files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.id()))?.count())
    }

    /// How much memory it has in use, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// How much of that is of the process alone, in bytes.
    pub(crate) fn own_memory(&self) -> Result<u64> {
        self.status("RssAnon:")
    }

    /// How much of it is pages of files, in bytes.
    pub(crate) fn memory_of_files(&self) -> Result<u64> {
        self.status("RssFile:")
    }

    /// The most memory that it had in use since [`Self::forget_peak`], in bytes.
    pub(crate) fn peak(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    pub(crate) fn forget_peak(&self) -> Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.id()), "5")?)
    }

    fn status(&self, field: &str) -> Result<u64> {
        let text = fs::read_to_string(format!("/proc/{}/status", self.id()))?;
        let kib =
            text.lines().find_map(|line| line.strip_prefix(field)?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(kib.ok_or_else(|| format!("the system does not tell {field}"))? * 1024)
    }
}

fn program() -> Result<OsString> {
    Ok(std::env::var_os("HAT_EVENT_PROGRAM").ok_or("run this by `cargo xtask faults`")?)
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended by itself was noticed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until `done` says so; false if that takes longer than `limit`.
pub(crate) async fn wait(limit: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<bool> {
    let start = Instant::now();
    while !done()? {
        if start.elapsed() > limit {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(true)
}
