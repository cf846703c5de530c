//! Measures the Python reference.

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use hat_event_common::{Event, EventPayload, EventType, MsgEventsNotify, Sbs};
use hat_event_interop::Python;
use serde_json::{Value, json};

use crate::events;
use crate::matching::CHECKED;
use crate::results::Measured;
use crate::sizes::Work;

/// So many events are looked up: in Python they take more memory.
const EVENTS: usize = 100_000;

/// Asks `growth.py` to do the work. The workload reaches it in files, as it is too large for a line.
pub(crate) fn measure(work: Work, size: usize, seconds: f64) -> Result<Measured, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth");
    fs::create_dir_all(&folder)?;
    let measured = ask(&folder, work, size, seconds);
    fs::remove_dir_all(&folder)?;
    measured
}

fn ask(folder: &Path, work: Work, size: usize, seconds: f64) -> Result<Measured, Box<dyn Error>> {
    let (about, case) = match work {
        Work::Batches => {
            let notify = MsgEventsNotify(events::events(size).into_iter().map(rewritten).collect());
            let path = folder.join("events.sbs");
            fs::write(&path, notify.to_sbs_bytes())?;
            ("batches", json!({"events": path, "seconds": seconds}))
        }
        _ => {
            let workload = work.workload(size);
            let event_types = &workload.event_types[..workload.event_types.len().min(EVENTS)];
            let case = json!({
                "query_types": lines(folder.join("query-types"), &workload.query_types)?,
                "event_types": lines(folder.join("event-types"), event_types)?,
                "checked": CHECKED,
                "seconds": seconds,
            });
            let about = match work {
                Work::Subscription => "subscription",
                Work::SubscriptionSegments => "subscription_look_ups",
                Work::Collection => "collection",
                _ => "collection_look_ups",
            };
            (about, case)
        }
    };
    let answers: Vec<Value> = Python::start("HAT_PYTHON_0_9_44", "growth.py")?.ask(about, &[case])?;
    let answer = answers.into_iter().next().ok_or("no answer")?;
    Ok(serde_json::from_value(answer)?)
}

/// A line with the joined form of each.
fn lines(path: PathBuf, event_types: &[EventType]) -> Result<PathBuf, Box<dyn Error>> {
    let mut file = BufWriter::new(fs::File::create(&path)?);
    event_types.iter().try_for_each(|event_type| writeln!(file, "{event_type}"))?;
    file.flush()?;
    Ok(path)
}

/// The event with its JSON as the reference writes it, which parses what it gets and writes it anew.
fn rewritten(mut event: Event) -> Event {
    if let Some(value) = event.payload.as_ref().and_then(|payload| payload.parse::<Value>().ok()) {
        event.payload = EventPayload::json(&value).ok();
    }
    event
}
