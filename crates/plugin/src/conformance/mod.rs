//! Holds a backend to the contract of [`Backend`](crate::Backend), whatever it stores events in.
//!
//! A backend's own tests make a [`Subject`] and [`check`] it, or run the rules one by one, each as a test of its own.
//! A rule that is broken gives a [`Nonconformance`], which says what was expected and what was found. Rules need a
//! runtime of tokio; one with several threads finds more. They wait as long as the backend does: one that never
//! answers or never closes makes them hang.
//!
//! ```
//! use hat_event_plugin::BackendInfo;
//! use hat_event_plugin::conformance::{self, Nonconformance, Storage, Subject};
//!
//! // In a test with `#[tokio::test(flavor = "multi_thread")]`, where `new_folder` makes an empty folder:
//! async fn conforms(info: BackendInfo, new_folder: fn() -> String) -> Result<(), Nonconformance> {
//!     let subject = Subject::new(info, Storage::Persistent, move || {
//!         serde_json::json!({"module": "my.backend", "db_path": new_folder()})
//!     });
//!     conformance::check(&subject).await
//! }
//! ```

mod closing;
mod concurrent;
mod events;
mod oracle;
mod querying;
mod registering;
mod subject;
#[cfg(test)]
mod tests;

pub use closing::{closing, closing_at_work, reopening, reservations};
pub use concurrent::{concurrency, dropped_calls, flushed_order};
pub use querying::{invalid_queries, latest_queries, paging, server_queries, timeseries_queries};
pub use registering::{callbacks, emptiness, known_events, last_event_ids};
pub use subject::{Nonconformance, Storage, Subject};

/// Checks all rules that apply to what the backend stores.
///
/// # Errors
///
/// [`Nonconformance`] of the first rule that is broken.
pub async fn check(subject: &Subject) -> Result<(), Nonconformance> {
    emptiness(subject).await?;
    if subject.storage != Storage::Nothing {
        last_event_ids(subject).await?;
        latest_queries(subject).await?;
        timeseries_queries(subject).await?;
        server_queries(subject).await?;
        paging(subject).await?;
        invalid_queries(subject).await?;
        known_events(subject).await?;
    }
    callbacks(subject).await?;
    if subject.storage != Storage::Nothing {
        concurrency(subject).await?;
    }
    flushed_order(subject).await?;
    dropped_calls(subject).await?;
    closing(subject).await?;
    closing_at_work(subject).await?;
    if subject.storage == Storage::Persistent {
        reopening(subject).await?;
        reservations(subject).await?;
    }
    Ok(())
}
