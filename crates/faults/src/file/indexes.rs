//! Every index against every other.

use std::collections::{BTreeMap, HashMap};

use hat_event_common::{Event, EventId, EventType};

use super::{File, Place};
use crate::Result;

impl File {
    /// An error if an index says something else than another one.
    pub(crate) fn check_indexes(&self) -> Result<()> {
        self.check_refs()?;
        self.check_series()?;
        self.check_latest()?;
        self.check_last()
    }

    /// Each reference leads to an event with that id, and each event that is kept somewhere has its reference.
    fn check_refs(&self) -> Result<()> {
        let latest = self.latest.iter().map(|(number, event)| (event.id, Place::Latest(*number)));
        let series = self.series.iter().map(|(key, event)| (event.id, Place::Series(key.bytes.clone())));
        let mut kept: Vec<(EventId, Place)> = latest.chain(series).collect();
        let places = |(id, places): &(EventId, Vec<Place>)| places.iter().map(|place| (*id, place.clone())).collect();
        let mut refs: Vec<(EventId, Place)> = self.refs.iter().flat_map::<Vec<_>, _>(places).collect();
        kept.sort_unstable();
        refs.sort_unstable();
        if self.refs.iter().any(|(_, places)| places.is_empty()) {
            return Err("an id has a reference to nothing".into());
        }
        if kept != refs {
            let first = kept.iter().zip(&refs).find(|(kept, referred)| kept != referred);
            let counts = format!("{} events are kept and {} referred to", kept.len(), refs.len());
            return Err(format!("{counts}; kept and referred to: {first:?}").into());
        }
        Ok(())
    }

    /// Keys are those of their events, and counts agree.
    fn check_series(&self) -> Result<()> {
        let mut counts: BTreeMap<u64, u64> = BTreeMap::new();
        for (key, event) in &self.series {
            let by_timestamp = self.by_timestamp.get(&key.partition).ok_or("an event is in an unknown partition")?;
            let time = if *by_timestamp { Some(event.timestamp) } else { event.source_timestamp };
            if (Some(key.time), key.id) != (time, event.id) {
                return Err(format!("event {} stands under {} {:?}", event.id, key.id, key.time).into());
            }
            *counts.entry(key.partition).or_default() += 1;
        }
        let said: BTreeMap<u64, u64> =
            self.counts.iter().map(|(key, count)| (*key, *count)).filter(|(_, count)| *count > 0).collect();
        if counts == said { Ok(()) } else { Err(format!("partitions have {counts:?} events, not {said:?}").into()) }
    }

    /// The latest of each type is the last one of it in the time series.
    fn check_latest(&self) -> Result<()> {
        let mut last: HashMap<&EventType, &Event> = HashMap::new();
        for event in self.history() {
            last.insert(&event.event_type, event);
        }
        for (number, event) in &self.latest {
            if self.types.get(number) != Some(&event.event_type) {
                return Err(format!("event {} is the latest of another type", event.id).into());
            }
            if last.remove(&event.event_type) != Some(event) {
                return Err(format!("event {} is not the latest of its type", event.id).into());
            }
        }
        if last.is_empty() { Ok(()) } else { Err(format!("{} types have no latest event", last.len()).into()) }
    }

    /// The last ids and timestamps are not before those of events.
    fn check_last(&self) -> Result<()> {
        for event in self.history() {
            let server = event.id.server.get();
            if self.last_ids.get(&server) < Some(&event.id) {
                return Err(format!("event {} is after the last id", event.id).into());
            }
            if self.last_timestamps.get(&server) < Some(&event.timestamp) {
                return Err(format!("event {} is after the last timestamp", event.id).into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hat_event_common::{RegisterEvent, Timestamp};

    use super::super::SeriesKey;
    use super::*;

    fn event(session: u64, name: &str) -> Event {
        let event = RegisterEvent { event_type: EventType::from([name]), source_timestamp: None, payload: None };
        event.register(EventId::new(1, session, 1).unwrap(), Timestamp::new(session as i64, 0).unwrap())
    }

    /// Two events of one type, the later of them its latest.
    fn file() -> File {
        let mut file = File::default();
        for session in [1, 2] {
            let event = event(session, "a");
            let bytes = Bytes::from(vec![session as u8; 44]);
            let places = if session == 2 { vec![Place::Latest(7)] } else { Vec::new() };
            file.refs.push((event.id, [places, vec![Place::Series(bytes.clone())]].concat()));
            file.series.push((SeriesKey { bytes, partition: 1, time: event.timestamp, id: event.id }, event));
        }
        let last = event(2, "a");
        file.last_ids.insert(1, last.id);
        file.last_timestamps.insert(1, last.timestamp);
        file.types.insert(7, last.event_type.clone());
        file.latest.insert(7, last);
        file.by_timestamp.insert(1, true);
        file.counts.insert(1, 2);
        file
    }

    #[test]
    fn each_index_that_says_something_else_is_named() {
        file().check_indexes().unwrap();
        type Change = fn(&mut File);
        let changes: [(Change, &str); 11] = [
            (|file| _ = file.refs.pop(), "3 events are kept and 1 referred to"),
            (|file| _ = file.refs[1].1.pop(), "3 events are kept and 2 referred to"),
            (|file| file.refs[0].1.push(Place::Latest(9)), "3 events are kept and 4 referred to"),
            (|file| file.refs.push((event(3, "a").id, Vec::new())), "an id has a reference to nothing"),
            (|file| file.series[0].0.time = Timestamp::MAX, "event 1,1,1 stands under"),
            (|file| file.by_timestamp.clear(), "unknown partition"),
            (|file| _ = file.counts.insert(1, 3), "not {1: 3}"),
            (|file| _ = file.types.insert(7, EventType::from(["b"])), "event 1,2,1 is the latest of another type"),
            (|file| file.series[0].1.event_type = EventType::from(["b"]), "1 types have no latest event"),
            (|file| _ = file.last_ids.insert(1, event(1, "a").id), "event 1,2,1 is after the last id"),
            (|file| file.last_timestamps.clear(), "event 1,1,1 is after the last timestamp"),
        ];
        for (change, expected) in changes {
            let mut file = file();
            change(&mut file);
            let said = file.check_indexes().unwrap_err().to_string();
            assert!(said.contains(expected), "{said} instead of {expected}");
        }
        let mut file = file();
        file.latest.insert(7, event(1, "a"));
        file.refs[0].1.push(Place::Latest(7));
        file.refs[1].1.remove(0);
        assert_eq!(file.check_indexes().unwrap_err().to_string(), "event 1,1,1 is not the latest of its type");
    }
}
