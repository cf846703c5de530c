use std::fmt;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record as SpanRecord};
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};

use super::handle::Shared;
use super::record::Record;
use super::router::Route;
use super::{level, names};

/// Takes what `tracing` tells for a [`Logging`](super::Logging). Spans are not shown.
pub struct LogSubscriber(pub(super) Arc<Shared>);

impl fmt::Debug for LogSubscriber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogSubscriber").finish_non_exhaustive()
    }
}

impl Subscriber for LogSubscriber {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // A configuration decides by target and level alone, and when it is replaced, all are asked again.
        if self.enabled(metadata) { Interest::always() } else { Interest::never() }
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !metadata.is_span()
            && self.0.router().route(&names::logger(metadata.target()), level::number(*metadata.level()))
                != Route::Nobody
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.0.router().max_level())
    }

    fn event(&self, event: &Event<'_>) {
        self.0.queue.push(Record::new(event));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &SpanRecord<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
