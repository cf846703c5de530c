use hat_event_common::BoxError;

use crate::lmdb::blocks::BLOCK_EVENTS;
use crate::lmdb::environment::Environment;
use crate::lmdb::layout::{Table, read_time_key};
use crate::lmdb::partitions::Partitions;
use crate::lmdb::query::stored_type;

/// So many blocks, 8,192 events, are looked at before others are served.
const BLOCKS: usize = 64;

/// Looks at some events that were in the file when it was opened, to know which types stand where; tells whether that is all
/// there is to do.
///
/// The thread that writes does it, so that nothing is added meanwhile to what it reads.
pub(super) fn learn_some(environment: &Environment, partitions: &Partitions) -> bool {
    learn(environment, partitions).unwrap_or_else(|error| {
        // Queries look at all events then, and find the error if it is in their way.
        tracing::warn!("queries for few types will look at all events: {error}");
        true
    })
}

fn learn(environment: &Environment, partitions: &Partitions) -> Result<bool, BoxError> {
    let reading = environment.read()?;
    let table = environment.table(Table::Timeseries);
    let mut left = BLOCKS;
    for partition in partitions.iter() {
        while left > 0
            && let Some(to) = { partition.blocks().unknown_before() }
        {
            left -= 1;
            let (from, to) = partition.key_bounds(to);
            let bounds = (from.as_ref().map(|key| &key[..]), to.as_ref().map(|key| &key[..]));
            let mut events = Vec::with_capacity(BLOCK_EVENTS);
            for entry in table.rev_range(&reading, &bounds)?.take(BLOCK_EVENTS) {
                let (key, value) = entry?;
                events.push((read_time_key(key)?, stored_type(value)));
            }
            partition.blocks_mut().add_before(events.into_iter());
        }
    }
    Ok(partitions.iter().all(|partition| partition.blocks().unknown_before().is_none()))
}
