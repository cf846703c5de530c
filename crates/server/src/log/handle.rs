use std::fmt;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::conf::LogConf;
use super::error::LogError;
use super::queue::{Item, Queue};
use super::router::Router;
use super::subscriber::LogSubscriber;
use super::writer::{self, Outputs};

/// So long lines that wait are written when the program ends.
const LAST: Duration = Duration::from_secs(1);

/// Writes log lines by a configuration that can be replaced.
///
/// Who logs never waits for what is written: up to 16,384 lines, or 16 MiB, wait for a thread that writes, and as many may be
/// in its hands. What is beyond is dropped, and how much it was is told as a line. Dropping this writes what waits, for at most
/// a second.
///
/// ```
/// use hat_event_server::log::{LogConf, Logging};
/// use serde_json::json;
/// use tracing::level_filters::LevelFilter;
///
/// let logging = Logging::start(LogConf::plain(LevelFilter::INFO))?;
/// logging.install()?;
/// tracing::info!("on standard error");
///
/// let (conf, warnings) = LogConf::from_value(&json!({"version": 1, "root": {"level": "ERROR"}}))?;
/// assert_eq!(warnings, []);
/// logging.set(conf)?;
/// tracing::info!("nowhere");
/// # Ok::<(), hat_event_server::log::LogError>(())
/// ```
pub struct Logging {
    shared: Arc<Shared>,
    /// Held while one is replaced by another.
    conf: Mutex<LogConf>,
    thread: Option<JoinHandle<()>>,
}

/// What the handle has in common with subscribers and the thread.
pub(super) struct Shared {
    pub(super) queue: Queue,
    router: RwLock<Arc<Router>>,
}

impl Shared {
    pub(super) fn router(&self) -> Arc<Router> {
        Arc::clone(&self.router.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for Logging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Logging").finish_non_exhaustive()
    }
}

impl Logging {
    /// Opens what a configuration writes to, and starts the thread that writes.
    ///
    /// # Errors
    ///
    /// If something cannot be opened, or only levels of an earlier configuration are changed, or there is no thread to be had.
    pub fn start(conf: LogConf) -> Result<Self, LogError> {
        let conf = conf.after(&LogConf::nothing())?;
        let router = Arc::new(Router::new(&conf));
        let outputs = Outputs::open(&conf, Arc::clone(&router))?;
        let shared = Arc::new(Shared { queue: Queue::default(), router: RwLock::new(router) });
        let of_thread = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("log".to_owned());
        let thread = thread.spawn(move || writer::run(&of_thread.queue, outputs)).map_err(LogError::Thread)?;
        Ok(Self { shared, conf: Mutex::new(conf), thread: Some(thread) })
    }

    /// What gives lines to this, for those who combine or scope subscribers.
    pub fn subscriber(&self) -> LogSubscriber {
        LogSubscriber(Arc::clone(&self.shared))
    }

    /// Has all of the program's lines given to this.
    ///
    /// # Errors
    ///
    /// [`LogError::Installed`] if they are given to another one already.
    pub fn install(&self) -> Result<(), LogError> {
        tracing::subscriber::set_global_default(self.subscriber()).map_err(|_| LogError::Installed)
    }

    /// Replaces the configuration. Lines from before are written by the old one, those that follow by the new one.
    ///
    /// # Errors
    ///
    /// As [`start`](Self::start), and then the configuration stays as it is.
    pub fn set(&self, conf: LogConf) -> Result<(), LogError> {
        let mut current = self.conf.lock().unwrap_or_else(PoisonError::into_inner);
        let conf = conf.after(&current)?;
        let router = Arc::new(Router::new(&conf));
        let outputs = Outputs::open(&conf, Arc::clone(&router))?;
        self.shared.queue.order(Item::Replace(Box::new(outputs)));
        *self.shared.router.write().unwrap_or_else(PoisonError::into_inner) = router;
        tracing::callsite::rebuild_interest_cache();
        *current = conf;
        Ok(())
    }

    /// The configuration as it was given; null is none.
    pub fn value(&self) -> Value {
        self.conf.lock().unwrap_or_else(PoisonError::into_inner).value.clone()
    }

    /// Waits until all lines from before are written, or wait in the queue of a handler that has one, and whether they are.
    pub fn flush(&self, timeout: Duration) -> bool {
        let (done, written) = channel();
        self.shared.queue.order(Item::Flush(done));
        written.recv_timeout(timeout).is_ok()
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        let until = Instant::now() + LAST;
        let written = self.flush(LAST);
        self.shared.queue.order(Item::Stop(until));
        // A thread that does not get rid of its lines is left to the end of the process.
        if written && let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
