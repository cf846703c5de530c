use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::{Notify, watch};

use crate::log::queue::MAX_BYTES;

/// What is to be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Item {
    /// That so many messages were dropped.
    Dropped(u64),
    Message(Vec<u8>),
}

/// The messages that wait for a connection: if they get too many, the oldest are dropped and counted.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    limit: usize,
    filled: Notify,
    /// Until when to end.
    stop: watch::Sender<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Waiting {
    messages: VecDeque<Vec<u8>>,
    bytes: usize,
    dropped: u64,
    /// So many lines are being sent, or that they were dropped is.
    in_hand: u64,
}

impl Queue {
    pub(super) fn new(limit: usize) -> Self {
        Self { waiting: Mutex::default(), limit, filled: Notify::new(), stop: watch::Sender::new(None) }
    }

    pub(super) fn push(&self, message: Vec<u8>) {
        let mut waiting = self.lock();
        waiting.bytes += message.len();
        waiting.messages.push_back(message);
        waiting.trim(self.limit);
        drop(waiting);
        self.filled.notify_one();
    }

    /// Waits for the next to be sent, of which is to be told how it ended; `None` if nothing is left at the end.
    pub(super) async fn next(&self) -> Option<Item> {
        loop {
            if let Some(item) = self.lock().next() {
                return Some(item);
            }
            if self.is_stopping() {
                return None;
            }
            // What came in between is not waited for.
            tokio::select! {
                () = self.filled.notified() => {}
                _ = self.stopping() => {}
            }
        }
    }

    /// It was sent.
    pub(super) fn sent(&self) {
        self.lock().in_hand = 0;
    }

    /// It was not sent, and is the next one again.
    pub(super) fn put_back(&self, item: Item) {
        let mut waiting = self.lock();
        waiting.in_hand = 0;
        match item {
            Item::Dropped(count) => waiting.dropped += count,
            Item::Message(message) => {
                waiting.bytes += message.len();
                waiting.messages.push_front(message);
                waiting.trim(self.limit);
            }
        }
    }

    /// It cannot be sent.
    pub(super) fn give_up(&self, item: &Item) {
        let mut waiting = self.lock();
        waiting.in_hand = 0;
        waiting.dropped += match item {
            Item::Dropped(count) => *count,
            Item::Message(_) => 1,
        };
    }

    /// Has everything end by then; what was told first counts.
    pub(super) fn stop(&self, until: Instant) {
        self.stop.send_if_modified(|stop| stop.is_none() && stop.replace(until).is_none());
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stop.borrow().is_some()
    }

    /// Waits until it is to end.
    pub(super) async fn stopping(&self) -> Instant {
        let mut stop = self.stop.subscribe();
        loop {
            if let Some(until) = *stop.borrow_and_update() {
                return until;
            }
            if stop.changed().await.is_err() {
                return Instant::now();
            }
        }
    }

    /// Waits until there is no time left.
    pub(super) async fn out_of_time(&self) {
        let until = self.stopping().await;
        tokio::time::sleep_until(until.into()).await;
    }

    /// Waits until it is to end, and nothing is left to be sent.
    pub(super) async fn needless(&self) {
        self.stopping().await;
        if self.left() > 0 {
            std::future::pending().await
        }
    }

    /// So many lines were not sent.
    pub(super) fn left(&self) -> u64 {
        let waiting = self.lock();
        waiting.messages.len() as u64 + waiting.dropped + waiting.in_hand
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn next(&mut self) -> Option<Item> {
        let item = match std::mem::take(&mut self.dropped) {
            0 => Item::Message(self.pop()?),
            dropped => Item::Dropped(dropped),
        };
        self.in_hand = if let Item::Dropped(count) = item { count } else { 1 };
        Some(item)
    }

    fn pop(&mut self) -> Option<Vec<u8>> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.len();
        Some(message)
    }

    fn trim(&mut self, limit: usize) {
        while (self.messages.len() > limit || self.bytes > MAX_BYTES) && self.pop().is_some() {
            self.dropped += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(limit: usize, messages: &[&str]) -> Queue {
        let queue = Queue::new(limit);
        messages.iter().for_each(|message| queue.push(message.as_bytes().to_vec()));
        queue
    }

    fn message(text: &str) -> Option<Item> {
        Some(Item::Message(text.as_bytes().to_vec()))
    }

    #[tokio::test]
    async fn the_oldest_are_dropped_and_counted() {
        let queue = queue(2, &["a", "b", "c", "d"]);
        assert_eq!(queue.left(), 4);
        assert_eq!(queue.next().await, Some(Item::Dropped(2)));
        queue.put_back(Item::Dropped(2));
        assert_eq!(queue.next().await, Some(Item::Dropped(2)));
        queue.sent();
        assert_eq!(queue.next().await, message("c"));
        assert_eq!(queue.left(), 2);
        queue.push(b"e".to_vec());
        queue.put_back(message("c").unwrap());
        // It was the oldest one.
        assert_eq!(queue.next().await, Some(Item::Dropped(1)));
        queue.sent();
        assert_eq!(queue.next().await, message("d"));
        queue.give_up(&message("d").unwrap());
        assert_eq!(queue.next().await, Some(Item::Dropped(1)));
        queue.sent();
        queue.stop(Instant::now());
        assert_eq!(queue.next().await, message("e"));
        queue.sent();
        assert_eq!((queue.next().await, queue.left()), (None, 0));
    }

    #[tokio::test]
    async fn messages_are_limited_in_bytes_too() {
        let queue = queue(usize::MAX, &["a"]);
        queue.push(vec![0; MAX_BYTES]);
        queue.push(vec![0; MAX_BYTES + 1]);
        assert_eq!(queue.next().await, Some(Item::Dropped(3)));
        queue.stop(Instant::now());
        assert_eq!(queue.next().await, None);
    }

    #[tokio::test]
    async fn nobody_who_waits_misses_the_end() {
        let queue = queue(1, &[]);
        let until = Instant::now();
        let told = async { queue.stop(until) };
        let (next, (), (), at, ()) =
            tokio::join!(queue.next(), queue.out_of_time(), queue.needless(), queue.stopping(), told);
        assert_eq!((next, at), (None, until));
    }
}
