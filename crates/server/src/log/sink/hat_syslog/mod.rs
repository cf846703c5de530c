//! A syslog server, which is sent what Hat's handler for Python sends, by a thread of its own.

mod connection;
mod message;
mod queue;
mod sender;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::lost::Lost;
use crate::log::conf::HatSyslogConf;
use crate::log::error::LogError;
use crate::log::record::Record;
use connection::Connector;
use message::Head;
use queue::Queue;
use sender::Sender;

/// So long what waits at the end is still sent: the program waits for it.
const LAST: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(in crate::log) struct HatSyslog {
    head: Arc<Head>,
    queue: Arc<Queue>,
    /// Nothing is received; it is closed when the thread ends.
    ended: Receiver<()>,
}

impl HatSyslog {
    /// That the server is not there yet is no error.
    pub(super) fn open(lost: Lost, conf: &HatSyslogConf) -> Result<Self, LogError> {
        let connector = Connector::new(conf).map_err(|error| lost.error(conf, error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| lost.error(conf, error))?;
        let head = Arc::new(Head::of_process());
        let queue = Arc::new(Queue::new(conf.queue_size));
        let sender = Sender::new(connector, Arc::clone(&head), Arc::clone(&queue), lost);
        let (end, ended) = channel();
        let thread = std::thread::Builder::new().name("log-syslog".to_owned());
        thread
            .spawn(move || {
                runtime.block_on(sender.run());
                // A name that is still looked up would hold it up.
                runtime.shutdown_background();
                drop(end);
            })
            .map_err(LogError::Thread)?;
        Ok(Self { head, queue, ended })
    }

    pub(super) fn write(&self, record: &Record) {
        self.queue.push(self.head.message(record));
    }

    pub(super) fn stop(&self, until: Instant) {
        self.queue.stop(until.min(Instant::now() + LAST));
    }

    pub(super) fn wait(&self, until: Instant) {
        let _ = self.ended.recv_timeout(until.saturating_duration_since(Instant::now()));
    }
}

impl Drop for HatSyslog {
    fn drop(&mut self) {
        self.queue.stop(Instant::now() + LAST);
    }
}
