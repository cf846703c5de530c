use std::ops::Bound;

use hat_event_common::{BackendError, BoxError, EventId, InstanceId, QueryResult, QueryServerParams, SessionId};

use super::{Found, page_len, read_event};
use crate::lmdb::layout::{EventRef, LAST_ID, Table, id_key, number_key, read_id};
use crate::lmdb::state::{Snapshot, read};

/// So many events are returned at the most, whatever the configuration says of time series.
const MAX_RESULTS: u64 = 4096;

/// The events of one server, in the order of ids: those of layers come behind all in the file.
pub(in crate::lmdb) fn server(snapshot: &Snapshot, params: &QueryServerParams) -> Result<QueryResult, BackendError> {
    if let Some(id) = params.last_event_id.filter(|id| id.server != params.server_id) {
        let text = format!("the last event id is of server {}, not {}", id.server, params.server_id);
        return Err(BackendError::InvalidQuery(text.into()));
    }
    let find = || {
        let mut found = Found::new(page_len(params.max_results, MAX_RESULTS));
        stored(snapshot, params, &mut found)?;
        let layers = snapshot.layers.iter().filter(|_| !params.persisted);
        for (layer, layer_len) in layers {
            let layer = read(layer);
            let events = layer.server_events(params.server_id, params.last_event_id, *layer_len);
            events.take(found.missing()).for_each(|event| found.keep(event.clone()));
        }
        found.result()
    };
    find().map_err(BackendError::Refused)
}

fn stored(
    Snapshot { environment, reading, .. }: &Snapshot,
    params: &QueryServerParams,
    found: &mut Found,
) -> Result<(), BoxError> {
    let server = params.server_id;
    let begin = EventId { server, session: SessionId::MIN, instance: InstanceId::MIN };
    let begin = params.last_event_id.map(id_key).map_or(Bound::Included(id_key(begin)), Bound::Excluded);
    let end = id_key(EventId { server, ..LAST_ID });
    let bounds = (begin.as_ref().map(|key| &key[..]), Bound::Included(&end[..]));
    for entry in environment.table(Table::Refs).range(reading, &bounds)? {
        if found.is_enough() {
            break;
        }
        let (key, refs) = entry?;
        let id = read_id(key)?;
        for one in EventRef::read_all(refs)? {
            let value = match one {
                EventRef::Latest(number) => environment.table(Table::LatestEvents).get(reading, &number_key(number))?,
                EventRef::Timeseries(key) => environment.table(Table::Timeseries).get(reading, &key)?,
            };
            // What a reference leads to may be another event by now, where an earlier configuration left it behind.
            let Some(value) = value else { continue };
            if matches!(one, EventRef::Timeseries(_)) || has_id(value, id)? {
                found.store(value);
                break;
            }
        }
    }
    Ok(())
}

fn has_id(value: &[u8], id: EventId) -> Result<bool, BoxError> {
    Ok(read_event(bytes::Bytes::copy_from_slice(value))?.id == id)
}
