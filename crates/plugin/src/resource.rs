use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use tokio::sync::Notify;

/// Something that is open until it is closed, in two steps: closing is requested, then waited for.
///
/// # Contract
///
/// A resource is *open*, then *closing*, then *closed*, and never goes back. [`Self::close`] returns at once and may be
/// called at any time, by anybody, more than once; a resource may also close by itself, when it cannot go on. While
/// it is closing it takes no new work, ends what is under way and cleans up. Once it is closed nothing of it runs any
/// more. Dropping a resource does not close it.
///
/// All of this is done by a [`Lifecycle`] that the implementation owns: [`Self::lifecycle`] is the only method to
/// write. The states and methods are those of `hat.aio.Resource`.
#[async_trait]
pub trait Resource: fmt::Debug + Send + Sync + 'static {
    /// What knows whether this resource is open.
    fn lifecycle(&self) -> &Lifecycle;

    /// Whether the resource is neither closing nor closed.
    fn is_open(&self) -> bool {
        self.lifecycle().is_open()
    }

    /// Whether closing was requested; also true once the resource is closed.
    fn is_closing(&self) -> bool {
        self.lifecycle().is_closing()
    }

    /// Whether nothing of the resource runs any more.
    fn is_closed(&self) -> bool {
        self.lifecycle().is_closed()
    }

    /// Requests closing, and does not wait for it.
    fn close(&self) {
        self.lifecycle().close();
    }

    /// Waits until closing is requested.
    async fn wait_closing(&self) {
        self.lifecycle().wait_closing().await;
    }

    /// Waits until the resource is closed, and does not request it.
    async fn wait_closed(&self) {
        self.lifecycle().wait_closed().await;
    }

    /// Requests closing and waits until the resource is closed.
    async fn async_close(&self) {
        self.close();
        self.wait_closed().await;
    }
}

/// The three states of a [`Resource`], and who still keeps it from being closed.
///
/// A resource is closed when closing was requested and no [`Hold`] is left. Each call and each task of it that must come
/// to its end first takes a hold; where there are none, a request closes at once. Clones are of one and the same
/// resource, so that a task can own one.
///
/// ```
/// use hat_event_plugin::Lifecycle;
///
/// let lifecycle = Lifecycle::new();
/// let hold = lifecycle.hold().expect("open");
///
/// lifecycle.close();
/// assert!(lifecycle.is_closing() && !lifecycle.is_closed());
/// assert!(lifecycle.hold().is_none(), "no new work while closing");
///
/// drop(hold);
/// assert!(lifecycle.is_closed());
/// ```
///
/// A resource with a task of its own, which stores what calls left behind before the resource is closed:
///
/// ```
/// # use hat_event_plugin::Lifecycle;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let lifecycle = Lifecycle::new();
/// # let store = async || {};
/// let hold = lifecycle.hold().expect("open");
/// let task = async move {
///     hold.wait_last().await;
///     store().await;
///     drop(hold);
/// };
/// // tokio::spawn(task);
/// # lifecycle.close();
/// # assert!(!lifecycle.is_closed());
/// # task.await;
/// # assert!(lifecycle.is_closed());
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Twice the number of holds, and one if closing was requested: every call takes a hold, and so pays for one atomic
    /// operation and no lock.
    state: AtomicUsize,
    /// Notified when closing is requested, and of every hold that is dropped from then on.
    changed: Notify,
}

const CLOSING: usize = 1;
const HOLD: usize = 2;

impl Lifecycle {
    /// Makes the lifecycle of an open resource.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the resource is neither closing nor closed.
    pub fn is_open(&self) -> bool {
        !self.is_closing()
    }

    /// Whether closing was requested; also true once the resource is closed.
    pub fn is_closing(&self) -> bool {
        self.state() & CLOSING != 0
    }

    /// Whether closing was requested and no hold is left.
    pub fn is_closed(&self) -> bool {
        self.state() == CLOSING
    }

    /// Requests closing.
    pub fn close(&self) {
        self.shared.state.fetch_or(CLOSING, Ordering::AcqRel);
        self.shared.changed.notify_waiters();
    }

    /// Keeps the resource from being closed until the hold is dropped; `None` if closing was requested before.
    pub fn hold(&self) -> Option<Hold> {
        let one_more = |state| (state & CLOSING == 0).then_some(state + HOLD);
        let held = self.shared.state.fetch_update(Ordering::AcqRel, Ordering::Acquire, one_more);
        held.ok().map(|_| Hold { lifecycle: self.clone() })
    }

    /// Waits until closing is requested.
    pub async fn wait_closing(&self) {
        self.wait_for(|state| state & CLOSING != 0).await;
    }

    /// Waits until the resource is closed, and does not request it.
    pub async fn wait_closed(&self) {
        self.wait_for(|state| state == CLOSING).await;
    }

    async fn wait_for(&self, is_reached: impl Fn(usize) -> bool) {
        while !is_reached(self.state()) {
            // It is woken by whatever is notified once it is made, so nothing is missed after the second look.
            let changed = self.shared.changed.notified();
            if is_reached(self.state()) {
                return;
            }
            changed.await;
        }
    }

    fn state(&self) -> usize {
        self.shared.state.load(Ordering::Acquire)
    }
}

/// Keeps a [`Resource`] from being closed until it is dropped, see [`Lifecycle::hold`].
#[derive(Debug)]
#[must_use = "dropped at once, it holds nothing"]
pub struct Hold {
    lifecycle: Lifecycle,
}

impl Hold {
    /// Waits until closing is requested and all other holds are dropped.
    ///
    /// It is for the one who finishes a resource. Two who wait like this wait for each other.
    pub async fn wait_last(&self) {
        self.lifecycle.wait_for(|state| state == CLOSING + HOLD).await;
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let shared = &self.lifecycle.shared;
        // Nobody waits for fewer holds while it is open.
        if shared.state.fetch_sub(HOLD, Ordering::AcqRel) & CLOSING != 0 {
            shared.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default)]
    struct Thing(Lifecycle);

    impl Resource for Thing {
        fn lifecycle(&self) -> &Lifecycle {
            &self.0
        }
    }

    #[tokio::test]
    async fn without_holds_a_request_closes() {
        let thing: Box<dyn Resource> = Box::new(Thing::default());
        assert!(thing.is_open() && !thing.is_closing() && !thing.is_closed());
        thing.close();
        thing.close();
        assert!(!thing.is_open() && thing.is_closing() && thing.is_closed());
        thing.wait_closing().await;
        thing.wait_closed().await;
        thing.async_close().await;
    }

    #[tokio::test]
    async fn closed_is_after_the_last_hold() {
        let thing = Thing::default();
        let holds = [thing.0.hold(), thing.0.hold()];
        let waiting = tokio::spawn({
            let lifecycle = thing.0.clone();
            async move {
                lifecycle.wait_closing().await;
                let was_closed = lifecycle.is_closed();
                drop(holds);
                was_closed
            }
        });
        tokio::task::yield_now().await;
        assert!(thing.is_open(), "holds alone close nothing");
        thing.async_close().await;
        assert!(!waiting.await.unwrap());
        assert!(thing.is_closed() && thing.0.hold().is_none());
    }

    #[tokio::test]
    async fn the_last_hold_waits_for_the_others() {
        let thing = Thing::default();
        let last = thing.0.hold().unwrap();
        let others = [thing.0.hold(), thing.0.hold()];
        let finishing = tokio::spawn(async move { last.wait_last().await });
        thing.close();
        for other in others {
            tokio::task::yield_now().await;
            assert!(!finishing.is_finished() && !thing.is_closed());
            drop(other);
        }
        thing.wait_closed().await;
        finishing.await.unwrap();
    }

    #[tokio::test]
    async fn a_panic_does_not_keep_a_resource_open() {
        let thing = Thing::default();
        let hold = thing.0.hold();
        let task = tokio::spawn(async move {
            let _hold = hold;
            panic!("as if by mistake");
        });
        assert!(task.await.unwrap_err().is_panic());
        thing.async_close().await;
    }

    #[test]
    fn closing_is_never_missed_by_holders_in_other_threads() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        runtime.block_on(async {
            for _ in 0..1000 {
                let lifecycle = Lifecycle::new();
                let holder = tokio::spawn({
                    let lifecycle = lifecycle.clone();
                    // Each of these holds either begins before the request and is waited for, or does not begin.
                    async move {
                        while let Some(hold) = lifecycle.hold() {
                            assert!(!lifecycle.is_closed());
                            drop(hold);
                        }
                    }
                });
                let waiter = tokio::spawn({
                    let lifecycle = lifecycle.clone();
                    async move { lifecycle.wait_closed().await }
                });
                tokio::task::yield_now().await;
                lifecycle.close();
                lifecycle.wait_closed().await;
                assert!(lifecycle.is_closed() && lifecycle.hold().is_none());
                waiter.await.unwrap();
                holder.await.unwrap();
            }
        });
    }
}
