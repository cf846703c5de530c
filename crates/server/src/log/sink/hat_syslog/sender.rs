use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::connection::{Connection, Connector};
use super::message::Head;
use super::queue::{Item, Queue};
use crate::log::sink::lost::Lost;

/// A server that is not there would be asked for all the time, if the configuration had its way.
const SHORTEST_DELAY: Duration = Duration::from_millis(100);

/// Sends what is in the queue.
pub(super) struct Sender {
    connector: Connector,
    head: Arc<Head>,
    queue: Arc<Queue>,
    lost: Lost,
    /// That the server is not reached was told.
    failing: bool,
}

/// Why a connection is over.
enum End {
    /// There is nothing left to send.
    Done,
    /// It served for a while.
    Broken,
    /// It has taken nothing.
    Useless(io::Error),
}

impl Sender {
    pub(super) fn new(connector: Connector, head: Arc<Head>, queue: Arc<Queue>, lost: Lost) -> Self {
        Self { connector, head, queue, lost, failing: false }
    }

    /// Sends until it is told to stop, and then what is left, as long as there is time.
    pub(super) async fn run(mut self) {
        let queue = Arc::clone(&self.queue);
        tokio::select! {
            biased;
            () = self.send_all() => {}
            () = queue.out_of_time() => {}
        }
        match queue.left() {
            0 => {}
            left => self.lost.tell(format_args!("{left} log lines were not sent to {}", self.connector.conf)),
        }
    }

    async fn send_all(&mut self) {
        let queue = Arc::clone(&self.queue);
        loop {
            let connected = tokio::select! {
                connected = self.connector.connect() => connected,
                () = queue.needless() => return,
            };
            let end = match connected {
                Ok(mut connection) => self.serve(&mut connection).await,
                Err(error) => End::Useless(error),
            };
            match end {
                End::Done => return,
                End::Broken => continue,
                End::Useless(error) => self.failed(&error),
            }
            if self.queue.is_stopping() {
                return;
            }
            // At the end it is tried once more.
            tokio::select! {
                () = tokio::time::sleep(self.connector.conf.reconnect_delay.max(SHORTEST_DELAY)) => {}
                _ = queue.stopping() => {}
            }
        }
    }

    async fn serve(&mut self, connection: &mut Connection) -> End {
        let mut served = false;
        loop {
            let item = tokio::select! {
                biased;
                error = connection.closed() => return end(served, error),
                item = self.queue.next() => item,
            };
            let Some(item) = item else {
                connection.close().await;
                return End::Done;
            };
            let sent = match &item {
                Item::Dropped(count) => connection.send(&self.head.dropped(*count)).await,
                Item::Message(message) => connection.send(message).await,
            };
            match (sent, &connection) {
                (Ok(()), _) => {
                    self.queue.sent();
                    self.succeeded();
                    served = true;
                }
                (Err(error), Connection::Stream { .. }) => {
                    self.queue.put_back(item);
                    return end(served, error);
                }
                // It may be too long for any.
                (Err(error), Connection::Datagrams(_)) => {
                    self.queue.give_up(&item);
                    return end(served, error);
                }
            }
        }
    }

    fn failed(&mut self, error: &io::Error) {
        if !self.failing {
            self.failing = true;
            self.lost.tell(format_args!("cannot send to {}, and tries it again: {error}", self.connector.conf));
        }
    }

    fn succeeded(&mut self) {
        if self.failing {
            self.failing = false;
            self.lost.tell(format_args!("sends again to {}", self.connector.conf));
        }
    }
}

fn end(served: bool, error: io::Error) -> End {
    if served { End::Broken } else { End::Useless(error) }
}
