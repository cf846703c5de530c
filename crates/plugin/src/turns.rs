use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::runtime::Handle;
use tokio::sync::Mutex;

/// Makes calls one after the other, and each to its end.
///
/// A future can be dropped at any `await`, by a timeout or `select!`. A call that must not stop in the middle runs here: it
/// either does not begin, or goes on in a task of its own. Calls begin in the order in which they began to wait.
///
/// ```
/// use hat_event_plugin::Turns;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let turns = Turns::new();
/// let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
/// let call = turns.run(async move {
///     tokio::task::yield_now().await;
///     sender.send("end")
/// });
/// tokio::select! {
///     biased;
///     _ = call => unreachable!("it yields"),
///     () = async {} => {}
/// }
/// turns.run(async {}).await;
/// assert_eq!(receiver.recv().await, Some("end"));
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Turns {
    turn: Arc<Mutex<()>>,
}

impl Turns {
    /// Makes one where nobody waits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits until the calls before are done, and makes this one.
    ///
    /// Dropped while it waits, the call never begins. Dropped later, it goes on in the runtime of tokio that this was
    /// called in; without one it stops. It owns what it needs, [`Hold`](crate::Hold) included, as it may outlive who called.
    pub async fn run<T: Send + 'static>(&self, call: impl Future<Output = T> + Send + 'static) -> T {
        // Whoever waits gets the next turn, so this takes it from nobody.
        let turn = match Arc::clone(&self.turn).try_lock_owned() {
            Ok(turn) => turn,
            Err(_) => Arc::clone(&self.turn).lock_owned().await,
        };
        let with_turn = async move {
            let _turn = turn;
            call.await
        };
        ToItsEnd::new(with_turn).await
    }
}

/// A call that goes on in a task of its own when it is dropped after it has begun, in the runtime of tokio that it was polled
/// in; without one it stops. Dropped before, it never begins.
#[must_use = "it does nothing unless it is polled"]
pub struct ToItsEnd<T: Send + 'static> {
    rest: Option<Pin<Box<dyn Future<Output = T> + Send>>>,
    /// That in which the call was first found not to be at its end; most are at once.
    runtime: Option<Handle>,
}

impl<T: Send + 'static> ToItsEnd<T> {
    /// Makes it of a call, which owns what it needs, as it may outlive who called.
    pub fn new(call: impl Future<Output = T> + Send + 'static) -> Self {
        Self { rest: Some(Box::pin(call)), runtime: None }
    }
}

impl<T: Send + 'static> fmt::Debug for ToItsEnd<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToItsEnd").finish_non_exhaustive()
    }
}

impl<T: Send + 'static> Future for ToItsEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Taken out, so that nothing of it is left if it panics.
        let Some(mut rest) = self.rest.take() else { return Poll::Pending };
        let poll = rest.as_mut().poll(context);
        if poll.is_pending() {
            self.runtime = self.runtime.take().or_else(|| Handle::try_current().ok());
            self.rest = Some(rest);
        }
        poll
    }
}

impl<T: Send + 'static> Drop for ToItsEnd<T> {
    fn drop(&mut self) {
        if let (Some(rest), Some(runtime)) = (self.rest.take(), &self.runtime) {
            runtime.spawn(rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Waker;

    use tokio::sync::Notify;
    use tokio::task::yield_now;

    use super::*;

    fn poll_once<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[tokio::test]
    async fn calls_take_turns_in_order() {
        let (turns, log) = (Turns::new(), Arc::new(std::sync::Mutex::new(Vec::new())));
        let call = |number: usize| {
            let log = Arc::clone(&log);
            turns.run(async move {
                log.lock().unwrap().push((number, "begins"));
                for _ in number..3 {
                    yield_now().await;
                }
                log.lock().unwrap().push((number, "ends"));
                number
            })
        };
        assert_eq!(tokio::join!(call(1), call(2), call(3)), (1, 2, 3));
        let expected: Vec<_> = (1..=3).flat_map(|number| [(number, "begins"), (number, "ends")]).collect();
        assert_eq!(*log.lock().unwrap(), expected);
    }

    #[tokio::test]
    async fn dropped_calls_do_not_begin_or_go_on() {
        let (turns, release, done) = (Turns::new(), Arc::new(Notify::new()), Arc::new(AtomicUsize::new(0)));
        let call = |number: usize| {
            let (release, done) = (Arc::clone(&release), Arc::clone(&done));
            turns.run(async move {
                release.notified().await;
                done.fetch_add(number, Ordering::Relaxed);
            })
        };
        let mut begun = Box::pin(call(1));
        let mut waiting = Box::pin(call(10));
        assert!(poll_once(begun.as_mut()).is_pending() && poll_once(waiting.as_mut()).is_pending());
        drop((waiting, begun));
        let mut next = Box::pin(turns.run(async {}));
        yield_now().await;
        assert!(poll_once(next.as_mut()).is_pending(), "what goes on has its turn");
        release.notify_one();
        next.await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn a_panic_ends_the_turn() {
        let turns = Turns::new();
        let panicking = tokio::spawn({
            let turns = turns.clone();
            async move { turns.run(async { panic!("as if by mistake") }).await }
        });
        assert!(panicking.await.unwrap_err().is_panic());
        turns.run(async {}).await;
    }

    #[test]
    fn without_a_runtime_a_dropped_call_stops() {
        let turns = Turns::new();
        let mut call = Box::pin(turns.run(std::future::pending::<()>()));
        assert!(poll_once(call.as_mut()).is_pending());
        drop(call);
        assert!(poll_once(Box::pin(turns.run(async {})).as_mut()).is_ready());
    }
}
