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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(names: &[Name]) -> std::result::Result<(), String> {
        let id = |session| EventId::new(1, session, 1).unwrap();
        let new: Vec<_> = names.iter().zip(1..).map(|(name, session)| (id(session), Some(*name))).collect();
        let written = Written { sent: vec![2, 3], ..Written::default() };
        check_complete_batches(4, &File::default(), &new, &[written]).map_err(|error| error.to_string())
    }

    #[test]
    fn batches_are_whole_and_of_this_round() {
        for names in [&[][..], &[(4, 0, 0), (4, 0, 1)], &[(4, 0, 0), (4, 0, 1), (4, 0, 2)]] {
            assert_eq!(check(names), Ok(()));
        }
        for (names, expected) in [
            (&[(4, 0, 0)][..], "writer 0 sent no batch that ends with the last stored, 1"),
            (&[(4, 1, 0)], "writer 1 sent no batch that ends with the last stored, 1"),
            (&[(4, 0, 1)], "event 1,1,1 is Some((4, 0, 1)) instead of number 0 of round 4"),
            (&[(4, 0, 0), (4, 0, 0)], "event 1,2,1 is Some((4, 0, 0)) instead of number 1 of round 4"),
            (&[(3, 0, 0)], "event 1,1,1 is Some((3, 0, 0)) instead of number 0 of round 4"),
        ] {
            assert_eq!(check(names).unwrap_err(), expected);
        }
    }
}
