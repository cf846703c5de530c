//! Opening a file with the backend, in this process.

use hat_event_backends::backends;
use hat_event_common::{Event, EventId, QueryLatestParams, QueryServerParams, ServerId, import_backend_info};

use crate::Result;
use crate::file::File;
use crate::place::Place;

/// How many events at the end of a history are looked at: what came before was, when it was at the end.
const LOOKED_AT: usize = 50_000;

/// The backend opens what is there, says the same as the file, and gives out no id again up to `highest`.
pub(crate) async fn check_reopened(place: &Place, file: &File, highest: Option<EventId>) -> Result<()> {
    let backends = backends();
    let info = import_backend_info(&backends, "hat.event.backends.lmdb")?;
    let backend = info.create(place.backend.clone(), None, None).await?;
    let server = ServerId::from(1);
    let stored: Vec<&Event> = file.history().collect();
    let (skipped, looked_at) = stored.split_at(stored.len().saturating_sub(LOOKED_AT));
    let mut last_event_id = skipped.last().map(|event| event.id);
    let mut found = Vec::new();
    loop {
        let params = QueryServerParams { last_event_id, persisted: true, ..QueryServerParams::new(server) };
        let result = backend.query(params.into()).await?;
        found.extend(result.events);
        last_event_id = found.last().map(|event| event.id);
        if !result.more_follows {
            break;
        }
    }
    if !found.iter().eq(looked_at.iter().copied()) {
        return Err(format!("the backend finds {} events instead of {}", found.len(), looked_at.len()).into());
    }
    let mut latest = backend.query(QueryLatestParams::default().into()).await?.events;
    latest.sort_by_key(|event| event.id);
    let mut stored: Vec<&Event> = file.latest.values().collect();
    stored.sort_by_key(|event| event.id);
    if !latest.iter().eq(stored) {
        return Err("the backend has other latest events than the file".into());
    }
    let last = backend.get_last_event_id(server).await?;
    if Some(last) < highest {
        return Err(format!("the backend would give out ids after {last} again, up to {highest:?}").into());
    }
    backend.async_close().await;
    Ok(())
}
