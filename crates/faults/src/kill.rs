//! A server that is killed while others write, again and again, on one file.

use std::collections::HashMap;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hat_event_common::{Event, EventId};
use serde_json::json;

use crate::file::File;
use crate::history::check_complete_batches;
use crate::place::Place;
use crate::raw::Random;
use crate::reopen::check_reopened;
use crate::server::Server;
use crate::writers::{Name, Told, Writers, Written, name};
use crate::{Extent, Result};

const WRITERS: u64 = 8;
const MAX_BATCH: usize = 20;
const FLUSH_PERIOD: Duration = Duration::from_millis(50);
/// How long a commit may take on a machine that others use too.
const COMMIT: Duration = Duration::from_millis(500);

pub(crate) async fn run(Extent { short, rounds }: Extent) -> Result {
    let rounds = rounds.unwrap_or(if short { 20 } else { 200 });
    let seed = SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos() as u64 | 1;
    let mut lines = Vec::new();
    for durability in ["flushed", "memory"] {
        let line =
            kill(durability, rounds, seed).await.map_err(|error| format!("{durability}, seed {seed}: {error}"))?;
        lines.push(format!("{durability}: {line}"));
    }
    Ok(format!("{rounds} rounds (seed {seed}); {}", lines.join("; ")))
}

/// What the rounds before left.
#[derive(Default)]
struct Before {
    /// All that the file has.
    events: Vec<(EventId, Option<Name>)>,
    /// The greatest id that anybody was told of, or that the file had.
    highest: Option<EventId>,
    acknowledged: usize,
    lost: usize,
    /// How long before its death the server acknowledged something that was lost.
    oldest: Duration,
}

async fn kill(durability: &str, rounds: u64, seed: u64) -> Result {
    let timeseries = json!([
        {"order_by": "TIMESTAMP", "subscriptions": [["*"]]},
        // One that is cleaned up meanwhile.
        {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["*"]], "limit": {"max_entries": 500}},
    ]);
    let place = Place::new(
        &format!("kill-{durability}"),
        json!({"durability": durability, "timeseries": timeseries, "flush_period": FLUSH_PERIOD.as_secs_f64(), "cleanup_period": 0.02}),
    )?;
    let mut random = Random(seed);
    let mut before = Before::default();
    for round in 0..rounds {
        let mut server = Server::start_conf(&place.conf())?;
        let told = [Told::start(&server.address, false).await?, Told::start(&server.address, true).await?];
        let writers =
            Writers::start(&server.address, round, WRITERS, MAX_BATCH, seed.wrapping_add(round << 40)).await?;
        tokio::time::sleep(Duration::from_millis(5 + random.below(150) as u64)).await;
        server.check()?;
        let death = Instant::now();
        server.kill()?;
        let written = writers.finish().await?;
        let [registered, persisted] = told;
        let told = Heard { registered: registered.finish().await?, persisted: persisted.finish().await? };
        let file = File::read(&place.file())?;
        file.check_indexes()
            .and_then(|()| before.check(durability, round, &file, &written, &told, death))
            .map_err(|error| format!("round {round}: {error}"))?;
        check_reopened(&place, &file, before.highest).await.map_err(|error| format!("round {round}: {error}"))?;
    }
    if before.acknowledged == 0 {
        return Err("nothing was acknowledged".into());
    }
    let Before { events, acknowledged, lost, oldest, .. } = before;
    let stored = events.len();
    Ok(if durability == "flushed" {
        format!("{acknowledged} acknowledged, all of them among {stored} stored")
    } else {
        format!(
            "{acknowledged} acknowledged, {lost} lost, the oldest {oldest:.0?} before (flush period {FLUSH_PERIOD:?})"
        )
    })
}

/// What subscribers were told.
struct Heard {
    registered: Vec<Event>,
    persisted: Vec<Event>,
}

impl Before {
    fn check(
        &mut self,
        durability: &str,
        round: u64,
        file: &File,
        written: &[Written],
        told: &Heard,
        death: Instant,
    ) -> Result<()> {
        let events: Vec<_> = file.history().map(|event| (event.id, name(event))).collect();
        if !events.is_sorted_by(|(one, _), (next, _)| one < next) {
            return Err("ids are not in the order of timestamps".into());
        }
        let new = events.strip_prefix(&*self.events).ok_or("what earlier rounds had stored has changed")?;
        check_complete_batches(round, file, new, written)?;

        let mut ids: HashMap<EventId, Option<Name>> = new.iter().copied().collect();
        let acknowledged = written.iter().flat_map(|written| &written.acknowledged);
        let heard = told.registered.iter().chain(&told.persisted).map(|event| (event.id, name(event)));
        for (id, name) in acknowledged.clone().map(|(_, id, name)| (*id, Some(*name))).chain(heard) {
            let first = *ids.entry(id).or_insert(name);
            if first != name {
                return Err(format!("id {id} is that of {first:?} and of {name:?}").into());
            }
        }
        if let Some(again) = ids.keys().find(|id| Some(**id) <= self.highest) {
            return Err(format!("id {again} was given out in an earlier round, up to {:?}", self.highest).into());
        }

        let last = new.last().map(|(id, _)| *id);
        if let Some(lost) = told.persisted.iter().find(|event| Some(event.id) > last) {
            return Err(
                format!("event {} is not there, and a subscriber was told that it is persisted", lost.id).into()
            );
        }
        // Nothing before the last one is missing: `check_complete_batches`.
        for (when, id, name) in acknowledged.clone().filter(|(_, id, _)| Some(*id) > last) {
            let age = death.saturating_duration_since(*when);
            if durability == "flushed" || age > FLUSH_PERIOD + COMMIT {
                return Err(format!("event {id} {name:?} was acknowledged {age:?} before, and is lost").into());
            }
            self.lost += 1;
            self.oldest = self.oldest.max(age);
        }
        self.acknowledged += acknowledged.count();
        self.highest = self.highest.max(ids.keys().max().copied());
        self.events = events;
        Ok(())
    }
}
