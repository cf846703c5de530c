use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// A call of somebody else's code panicked; the text is what the panic said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("panicked: {0}")]
pub struct PanicError(pub String);

impl PanicError {
    /// Makes it of what a panic left.
    pub fn new(panic: &(dyn Any + Send)) -> Self {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self(text.unwrap_or("it did not say why").to_owned())
    }
}

/// Waits for a call of somebody else's code, a plugin's for example, so that a panic in it is not one of the caller.
///
/// What the call has changed before may be half done: whoever catches a panic gives up what the call was about.
///
/// ```
/// # use hat_event_plugin::catch_panic;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let error = catch_panic(async { panic!("no more") }).await.unwrap_err();
/// assert_eq!(error.to_string(), "panicked: no more");
/// # }
/// ```
///
/// # Errors
///
/// [`PanicError`] if it panics.
pub async fn catch_panic<T>(call: impl Future<Output = T>) -> Result<T, PanicError> {
    let mut call = pin!(call);
    std::future::poll_fn(|context| {
        let poll = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        poll.map_or_else(|panic| Poll::Ready(Err(PanicError::new(&*panic))), |poll| poll.map(Ok))
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_whatever_it_says_and_whenever_it_comes() {
        assert_eq!(catch_panic(async { 7 }).await, Ok(7));
        let number = 7;
        let late = catch_panic(async {
            tokio::task::yield_now().await;
            panic!("after {number}")
        });
        assert_eq!(late.await, Err::<(), _>(PanicError("after 7".to_owned())));
        let odd = catch_panic(async { std::panic::panic_any(7) });
        assert_eq!(odd.await, Err::<(), _>(PanicError("it did not say why".to_owned())));
    }
}
