//! What follows once a layer is written, or could not be.

use std::sync::Arc;

use hat_event_common::Event;
use tokio::sync::oneshot;

use super::Flusher;
use crate::lmdb::conf::Durability;
use crate::lmdb::layer::Written;
use crate::lmdb::state::{SharedLayer, read, write};

impl Flusher {
    /// A layer is in the file: it is not needed in memory any more, and all who wait for it are told.
    pub(super) fn written(&mut self, layer: &SharedLayer) {
        let shared = &self.shared.0;
        let settled: Vec<(usize, Event)> = {
            let layer = read(layer);
            let latest = |known, place| Some((known, layer.event(place)?.detach()));
            layer.touched.iter().filter_map(|touched| latest(touched.known, touched.place)).collect()
        };
        let waiting = take_waiting(layer);
        {
            let mut state = shared.state();
            state.flushing = None;
            if state.failing.take().is_some() {
                tracing::info!("the database can be written again");
            }
            settled.into_iter().for_each(|(known, event)| state.latest.settle(known, event));
            read(layer).reservations.iter().for_each(|id| state.system.reserve(*id));
        }
        if let Some(callback) = &shared.flushed_cb {
            let batches = read(layer).batches.clone();
            shared.runtime.block_on(async {
                for batch in batches {
                    callback.call(batch).await;
                }
            });
        }
        shared.give_back(read(layer).cost);
        tell(waiting, Ok(()));
    }

    /// A layer could not be written. What nobody was promised is taken back; the rest is tried again.
    pub(super) fn not_written(&mut self, reason: &str) {
        let shared = &self.shared.0;
        let reason: Arc<str> = reason.into();
        tracing::error!("the database cannot be written: {reason}");
        let mut state = shared.state();
        let layers = match shared.conf.durability {
            Durability::Flushed => state.undo(shared.partitions.len()),
            Durability::Memory => {
                state.failing = Some(Arc::clone(&reason));
                state.forget_reservations();
                if let Some(flushing) = &mut state.flushing {
                    flushing.transaction = usize::MAX;
                }
                let flushing = state.flushing.iter().map(|flushing| &flushing.layer);
                flushing.chain([&state.pending]).map(Arc::clone).collect()
            }
        };
        drop(state);
        for layer in &layers {
            if shared.conf.durability == Durability::Flushed {
                shared.give_back(read(layer).cost);
            }
            tell(take_waiting(layer), Err(Arc::clone(&reason)));
        }
        shared.tell_failed();
    }
}

/// Those who wait for a layer; nobody else tells them.
pub(super) fn take_waiting(layer: &SharedLayer) -> Vec<oneshot::Sender<Written>> {
    std::mem::take(&mut write(layer).waiting)
}

fn tell(waiting: Vec<oneshot::Sender<Written>>, what: Written) {
    for sender in waiting {
        // Who does not wait any more needs no answer.
        let _ = sender.send(what.clone());
    }
}
