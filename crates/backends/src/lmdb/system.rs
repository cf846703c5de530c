use std::collections::BTreeMap;

use hat_event_common::{BoxError, EventId, InstanceId, ServerId, SessionId, json_text};
use heed::{RoTxn, RwTxn};
use serde_json::Value;

use super::environment::Environment;
use super::layer::ServerLast;
use super::layout::{
    LayoutError, SETTING_IDENTIFIER, SETTING_VERSION, Table, VERSION, number_key, read_id, read_server, read_timestamp,
};

/// Checks that a file has this identifier, if one is wanted. A new file gets it, and its version.
pub(super) fn check_settings(
    environment: &Environment,
    writing: &mut RwTxn<'_>,
    identifier: Option<&str>,
) -> Result<(), BoxError> {
    let table = environment.table(Table::Settings);
    let mut check = |key: u64, wanted: &str, what: &str| {
        let key = number_key(key);
        let found = table.get(writing, &key)?.map(|found| (found.to_vec(), serde_json::from_slice::<Value>(found)));
        match found {
            None => table.put(writing, &key, json_text(wanted)?.as_bytes()).map_err(BoxError::from),
            Some((_, Ok(found))) if found == wanted => Ok(()),
            Some((_, Ok(found))) => Err(format!("the database has {what} {found}, not \"{wanted}\"").into()),
            Some((bytes, Err(_))) => Err(LayoutError::new("a setting", &bytes).into()),
        }
    };
    check(SETTING_VERSION, VERSION, "version")?;
    identifier.map_or(Ok(()), |identifier| check(SETTING_IDENTIFIER, identifier, "identifier"))
}

/// Writes what is there already.
pub(super) fn touch(environment: &Environment, writing: &mut RwTxn<'_>) -> Result<(), heed::Error> {
    let version = json_text(VERSION).map_err(|error| heed::Error::Encoding(error.into()))?;
    environment.table(Table::Settings).put(writing, &number_key(SETTING_VERSION), version.as_bytes())
}

/// The last ids and timestamps of all servers.
#[derive(Debug, Default)]
pub(super) struct System {
    servers: BTreeMap<ServerId, ServerLast>,
    /// Ids up to which may have been given out, by whoever does that.
    reserved: BTreeMap<ServerId, EventId>,
}

impl System {
    pub(super) fn open(environment: &Environment, reading: &RoTxn<'_>) -> Result<Self, BoxError> {
        let mut system = Self::default();
        for entry in environment.table(Table::LastEventId).iter(reading)? {
            let (key, value) = entry?;
            system.servers.entry(read_server(key)?).or_default().id = Some(read_id(value)?);
        }
        for entry in environment.table(Table::LastTimestamp).iter(reading)? {
            let (key, value) = entry?;
            system.servers.entry(read_server(key)?).or_default().timestamp = Some(read_timestamp(value)?);
        }
        Ok(system)
    }

    /// The last that was kept of a server.
    pub(super) fn last(&self, server: ServerId) -> ServerLast {
        self.servers.get(&server).copied().unwrap_or_default()
    }

    pub(super) fn set_last(&mut self, server: ServerId, last: ServerLast) {
        self.servers.insert(server, last);
    }

    pub(super) fn reserve(&mut self, id: EventId) {
        self.reserved.insert(id.server, id);
    }

    /// What the file is to have of a server, with the reservations that are written with it.
    pub(super) fn to_write(&self, server: ServerId, reservations: &[EventId]) -> (ServerId, ServerLast) {
        let last = self.last(server);
        let reserved = reservations.iter().rfind(|id| id.server == server).or_else(|| self.reserved.get(&server));
        (server, ServerLast { id: last.id.max(reserved.copied()), ..last })
    }

    /// What counts as the last id of a server: the last that was kept, or that is reserved.
    pub(super) fn last_id(&self, server: ServerId) -> EventId {
        let none = EventId { server, session: SessionId::MIN, instance: InstanceId::MIN };
        let last = self.last(server).id.unwrap_or(none);
        self.reserved.get(&server).map_or(last, |reserved| last.max(*reserved))
    }
}
