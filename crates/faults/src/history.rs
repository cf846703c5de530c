//! What a file has, against what writers did.

use std::collections::BTreeMap;

use hat_event_common::{Event, EventId};

use crate::Result;
use crate::file::File;
use crate::writers::{Name, Written, name};

/// Of what each writer sent, the file has whole batches, each event once, and none that comes after one that is missing. All
/// else is the server's own.
pub(crate) fn check_complete_batches(
    round: u64,
    file: &File,
    new: &[(EventId, Option<Name>)],
    written: &[Written],
) -> Result<()> {
    let mut next: BTreeMap<u64, u64> = BTreeMap::new();
    for (id, name) in new {
        let Some((of_round, writer, number)) = name else { continue };
        let expected = next.entry(*writer).or_default();
        if (*of_round, *number) != (round, *expected) {
            return Err(format!("event {id} is {name:?} instead of number {expected} of round {round}").into());
        }
        *expected += 1;
    }
    for (writer, stored) in next {
        if !written.get(writer as usize).is_some_and(|written| written.sent.contains(&stored)) {
            return Err(format!("writer {writer} sent no batch that ends with the last stored, {stored}").into());
        }
    }
    let is_own = |event: &Event| event.event_type.segments().take(2).eq(["event", "1"]);
    let foreign = file.history().find(|event| name(event).is_none() && !is_own(event));
    foreign.map_or(Ok(()), |event| Err(format!("nobody registered event {}", event.id).into()))
}
