use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use hat_event_types::Event;

/// What an async function returns when its type is not known before the program runs.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// An async function that a backend calls with a batch of events.
///
/// The batch is shared: the backend, the callback and whoever it passes the events on to hold the same memory.
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering};
/// use std::sync::Arc;
///
/// use hat_event_plugin::EventsCb;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let count = Arc::new(AtomicUsize::new(0));
/// let counter = Arc::clone(&count);
/// let callback = EventsCb::new(move |events| {
///     let counter = Arc::clone(&counter);
///     async move {
///         counter.fetch_add(events.len(), Ordering::Relaxed);
///     }
/// });
/// callback.call([].into()).await;
/// # assert_eq!(count.load(Ordering::Relaxed), 0);
/// # }
/// ```
#[derive(Clone)]
pub struct EventsCb {
    function: Arc<dyn Fn(Arc<[Event]>) -> BoxFuture<()> + Send + Sync>,
}

impl EventsCb {
    /// Makes a callback of a function that returns a future.
    pub fn new<F, Fut>(function: F) -> Self
    where
        F: Fn(Arc<[Event]>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self { function: Arc::new(move |events| Box::pin(function(events))) }
    }

    /// Calls it, and waits for its end.
    pub async fn call(&self, events: Arc<[Event]>) {
        (self.function)(events).await;
    }
}

impl fmt::Debug for EventsCb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventsCb").finish_non_exhaustive()
    }
}
