//! Registering until all is on disk, and the memory that this takes.

use std::time::Instant;

use super::floor::Insertion;
use super::{Folder, load, remove, start};
use crate::Result;
use crate::contest::{Entry, HERE, REFERENCE, hold_for};
use crate::server::driver::Driver;
use crate::server::process::resident;
use crate::server::{LMDB, Scale};
use crate::table::Row;

const ROUNDS: usize = 3;

pub(crate) fn step(name: &str, Scale { rounds, persisted: [ours, theirs], .. }: Scale) -> Result<Vec<Row>> {
    let (driver, folder) = (Driver::new()?, Folder::new()?);
    let mut peak = [0.0; 3];
    let measure = |contestant, events: usize, peak: &mut [f64; 3]| -> Result<f64> {
        let database = folder.database("persisted.db");
        remove(&database);
        let server = start(contestant, &database, None)?.wait_until_operational(&driver)?;
        let begin = Instant::now();
        let sampling = || {
            peak.iter_mut().zip(resident(server.process())?).for_each(|(peak, now)| *peak = now.max(*peak));
            Ok(())
        };
        driver.run(contestant, load::persist(server.address, events, sampling))?;
        Ok(begin.elapsed().as_secs_f64() / events as f64)
    };
    let entries = vec![
        Entry::new(HERE, || measure(HERE, ours, &mut peak)),
        Entry::new(REFERENCE, || measure(REFERENCE, theirs, &mut [0.0; 3])),
        Entry::new(LMDB, || {
            let database = folder.database("floor.db");
            remove(&database);
            Insertion::new(&database)?.seconds_an_event(ours.min(1_000_000))
        }),
    ];
    let rates = hold_for(rounds.min(ROUNDS), entries)?;
    let [all, own, file] = peak.map(|mib| vec![(HERE.to_owned(), mib)]);
    Ok(vec![
        Row::rates(format!("{name}, batches of 100, 8 in flight: events"), rates),
        Row::numbers(format!("{name}, {ours} events: MiB resident"), all),
        Row::numbers(format!("{name}, {ours} events: MiB of that its own"), own),
        Row::numbers(format!("{name}, {ours} events: MiB of that pages of files"), file),
    ])
}
