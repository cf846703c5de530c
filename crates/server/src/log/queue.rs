use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::record::Record;
use super::writer::Outputs;

/// So many lines may wait.
const MAX_LINES: usize = 16_384;
/// So many bytes of lines may wait.
pub(super) const MAX_BYTES: usize = 16 << 20;

/// What the thread that writes is to do, in this order.
#[derive(Debug)]
pub(super) enum Item {
    Line(Record),
    /// So many lines would have stood here.
    Dropped(u64),
    /// What follows is written by another configuration.
    Replace(Box<Outputs>),
    /// Tell that all before was written.
    Flush(Sender<()>),
    /// End, at the latest then.
    Stop(Instant),
}

/// What waits to be written: lines up to a limit, beyond which they are dropped and counted.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    items: VecDeque<Item>,
    lines: usize,
    bytes: usize,
    dropped: u64,
}

impl Queue {
    /// Never waits for what is written.
    pub(super) fn push(&self, record: Record) {
        let mut waiting = self.lock();
        let size = record.size();
        if waiting.lines >= MAX_LINES || waiting.bytes.saturating_add(size) > MAX_BYTES {
            waiting.dropped += 1;
            return;
        }
        waiting.count_dropped();
        waiting.lines += 1;
        waiting.bytes += size;
        waiting.items.push_back(Item::Line(record));
        drop(waiting);
        self.changed.notify_one();
    }

    /// What is no line always has a place.
    pub(super) fn order(&self, item: Item) {
        let mut waiting = self.lock();
        waiting.count_dropped();
        waiting.items.push_back(item);
        drop(waiting);
        self.changed.notify_one();
    }

    /// Waits for something to do, and takes all of it.
    pub(super) fn take(&self) -> VecDeque<Item> {
        let mut waiting = self.lock();
        while waiting.items.is_empty() {
            waiting.count_dropped();
            if !waiting.items.is_empty() {
                break;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
        (waiting.lines, waiting.bytes) = (0, 0);
        std::mem::take(&mut waiting.items)
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn count_dropped(&mut self) {
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            self.items.push_back(Item::Dropped(dropped));
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn lines_beyond_the_limit_are_counted_where_they_would_have_stood() {
        let queue = Queue::default();
        let line = |text: String| Record::plain("x".to_owned(), Level::INFO, text);
        (0..MAX_LINES + 3).for_each(|number| queue.push(line(number.to_string())));
        let items = queue.take();
        assert_eq!(items.len(), MAX_LINES);
        queue.push(line("after".to_owned()));
        queue.push(line("x".repeat(MAX_BYTES)));
        let items = queue.take();
        assert!(matches!(items[0], Item::Dropped(3)) && matches!(&items[1], Item::Line(_)), "{items:?}");
        assert_eq!(items.len(), 2);
        assert!(matches!(queue.take()[0], Item::Dropped(1)));
    }
}
