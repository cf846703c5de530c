//! Keys and values as the reference's LMDB backend has them in version 0.9 (`hat.event.backends.lmdb.common`).

use hat_event_common::{EventId, InstanceId, ServerId, SessionId, Timestamp, timestamp_from_bytes, timestamp_to_bytes};

/// The version of the layout, as the settings have it.
pub(super) const VERSION: &str = "0.9";

/// The named databases, in the order of their numbers in the reference; some of these are part of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Of settings: number to JSON.
    Settings,
    /// Server to the last id that was kept of it.
    LastEventId,
    /// Server to the last timestamp that was kept of it.
    LastTimestamp,
    /// Event id to where the event is kept: [`EventRef`]s one after the other, in any order.
    Refs,
    /// Number of a type to its latest event.
    LatestEvents,
    /// Number of a type to its segments, in JSON.
    LatestTypes,
    /// Partition, time and event id to the event.
    Timeseries,
    /// Number of a partition to how it orders and what it has, in JSON.
    Partitions,
    /// Number of a partition to how many events it has.
    PartitionCounts,
}

impl Table {
    pub(super) const NAMES: [&str; 9] = [
        "SYSTEM_SETTINGS",
        "SYSTEM_LAST_EVENT_ID",
        "SYSTEM_LAST_TIMESTAMP",
        "REF",
        "LATEST_DATA",
        "LATEST_TYPE",
        "TIMESERIES_DATA",
        "TIMESERIES_PARTITION",
        "TIMESERIES_COUNT",
    ];
}

/// Keys of [`Table::Settings`].
pub(super) const SETTING_VERSION: u64 = 0;
pub(super) const SETTING_IDENTIFIER: u64 = 1;

/// Something in the file that has not the form it should have.
#[derive(Debug, thiserror::Error)]
#[error("the database has {what} that cannot be read: {bytes:02x?}")]
pub(super) struct LayoutError {
    what: &'static str,
    bytes: Vec<u8>,
}

impl LayoutError {
    pub(super) fn new(what: &'static str, bytes: &[u8]) -> Self {
        Self { what, bytes: bytes.get(..64).unwrap_or(bytes).to_vec() }
    }
}

pub(super) fn number_key(number: u64) -> [u8; 8] {
    number.to_be_bytes()
}

pub(super) fn read_number(bytes: &[u8]) -> Result<u64, LayoutError> {
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| LayoutError::new("a number", bytes))
}

pub(super) fn read_server(bytes: &[u8]) -> Result<ServerId, LayoutError> {
    ServerId::new(read_number(bytes)?).map_err(|_| LayoutError::new("a server id", bytes))
}

pub(super) type IdKey = [u8; 24];

pub(super) fn id_key(id: EventId) -> IdKey {
    let mut key = [0; 24];
    let numbers = [id.server.get(), id.session.get(), id.instance.get()];
    for (place, number) in key.chunks_exact_mut(8).zip(numbers) {
        place.copy_from_slice(&number.to_be_bytes());
    }
    key
}

pub(super) fn read_id(bytes: &[u8]) -> Result<EventId, LayoutError> {
    let error = || LayoutError::new("an event id", bytes);
    let (numbers, rest) = bytes.as_chunks::<8>();
    let ([server, session, instance], []) = (numbers, rest) else { return Err(error()) };
    let [server, session, instance] = [server, session, instance].map(|number| u64::from_be_bytes(*number));
    EventId::new(server, session, instance).map_err(|_| error())
}

pub(super) fn read_timestamp(bytes: &[u8]) -> Result<Timestamp, LayoutError> {
    let error = || LayoutError::new("a timestamp", bytes);
    timestamp_from_bytes(bytes.try_into().map_err(|_| error())?).map_err(|_| error())
}

/// What orders events of a partition.
pub(super) type TimeKey = (Timestamp, EventId);

/// Less than all ids, and greater than all ids.
pub(super) const FIRST_ID: EventId =
    EventId { server: ServerId::MIN, session: SessionId::MIN, instance: InstanceId::MIN };
pub(super) const LAST_ID: EventId =
    EventId { server: ServerId::MAX, session: SessionId::MAX, instance: InstanceId::MAX };

pub(super) type TimeseriesKey = [u8; 44];

pub(super) fn timeseries_key(partition: u64, (time, id): TimeKey) -> TimeseriesKey {
    let mut key = [0; 44];
    let parts = partition.to_be_bytes().into_iter().chain(timestamp_to_bytes(time)).chain(id_key(id));
    key.iter_mut().zip(parts).for_each(|(place, byte)| *place = byte);
    key
}

/// The time and id in a key of [`Table::Timeseries`].
pub(super) fn read_time_key(key: &[u8]) -> Result<TimeKey, LayoutError> {
    let error = || LayoutError::new("a key of a time series", key);
    let (time, id) = key.get(8..).and_then(|rest| rest.split_at_checked(12)).ok_or_else(error)?;
    Ok((read_timestamp(time)?, read_id(id)?))
}

/// Where an event is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventRef {
    /// As the latest of the type with this number.
    Latest(u64),
    /// In the time series, under this key.
    Timeseries(TimeseriesKey),
}

impl EventRef {
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Latest(number) => {
                out.push(Table::LatestEvents as u8);
                out.extend_from_slice(&number_key(*number));
            }
            Self::Timeseries(key) => {
                out.push(Table::Timeseries as u8);
                out.extend_from_slice(key);
            }
        }
    }

    /// All that stand in a value of [`Table::Refs`].
    pub(super) fn read_all(mut bytes: &[u8]) -> Result<Vec<Self>, LayoutError> {
        let mut refs = Vec::with_capacity(2);
        while let Some((table, rest)) = bytes.split_first() {
            let error = || LayoutError::new("a reference to an event", bytes);
            let is = |which: Table| *table == which as u8;
            if is(Table::LatestEvents) {
                let (number, rest) = rest.split_at_checked(8).ok_or_else(error)?;
                refs.push(Self::Latest(read_number(number)?));
                bytes = rest;
            } else if is(Table::Timeseries) {
                let (key, rest) = rest.split_first_chunk().ok_or_else(error)?;
                refs.push(Self::Timeseries(*key));
                bytes = rest;
            } else {
                return Err(error());
            }
        }
        Ok(refs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_written_and_sort_as_values() {
        let times =
            [Timestamp::MIN, Timestamp::new(-1, 999_999).unwrap(), Timestamp::new(0, 0).unwrap(), Timestamp::MAX];
        let ids = [FIRST_ID, EventId::new(1, 2, 3).unwrap(), EventId::new(1, 3, 0).unwrap(), LAST_ID];
        let mut keys = Vec::new();
        for time in times {
            for id in ids {
                assert_eq!(read_id(&id_key(id)).unwrap(), id);
                let key = timeseries_key(7, (time, id));
                assert_eq!(read_time_key(&key).unwrap(), (time, id));
                keys.push(key);
            }
        }
        assert!(keys.is_sorted());
    }

    #[test]
    fn refs_are_read_as_written() {
        let refs = [EventRef::Latest(7), EventRef::Timeseries([3; 44]), EventRef::Latest(u64::MAX)];
        let mut bytes = Vec::new();
        refs.iter().for_each(|one| one.put(&mut bytes));
        assert_eq!(EventRef::read_all(&bytes).unwrap(), refs);
        for cut in [1, 8, 10, 20, 60] {
            assert!(EventRef::read_all(&bytes[..cut]).is_err(), "{cut}");
        }
        assert!(EventRef::read_all(&[5]).is_err());
        assert!(EventRef::read_all(&[]).unwrap().is_empty());
    }
}
