use std::path::PathBuf;

use serde_json::Value;

use super::handlers::Kind;
use super::options::{Notes, Options};
use crate::log::error::LogError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::log) struct SyslogConf {
    pub(in crate::log) address: Address,
    pub(in crate::log) facility: u32,
    /// Without it, a host is sent datagrams, and of a Unix socket both kinds are tried.
    pub(in crate::log) transport: Option<Transport>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::log) enum Address {
    Host(String, u16),
    Unix(PathBuf),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum Transport {
    Stream,
    Datagram,
}

const FACILITIES: &[(&str, u32)] = &[
    ("auth", 4),
    ("authpriv", 10),
    ("console", 14),
    ("cron", 9),
    ("daemon", 3),
    ("ftp", 11),
    ("kern", 0),
    ("lpr", 6),
    ("mail", 2),
    ("news", 7),
    ("ntp", 12),
    ("security", 13),
    ("solaris-cron", 15),
    ("syslog", 5),
    ("user", 1),
    ("uucp", 8),
    ("local0", 16),
    ("local1", 17),
    ("local2", 18),
    ("local3", 19),
    ("local4", 20),
    ("local5", 21),
    ("local6", 22),
    ("local7", 23),
];

/// `logging.handlers.SysLogHandler`
pub(super) fn syslog(options: &mut Options<'_>, place: &str, notes: &mut Notes) -> Result<Option<Kind>, LogError> {
    let address = match options.take("address") {
        None => Address::Host("localhost".to_owned(), 514),
        Some(Value::String(path)) if path.starts_with("ext://") || path.starts_with("cfg://") => {
            notes.add(format!("{place}.address"), format!("{path:?} is not looked up: the handler is left out"));
            return Ok(None);
        }
        Some(Value::String(path)) => Address::Unix(path.into()),
        Some(Value::Array(items)) => match items.as_slice() {
            [Value::String(host), port] => {
                let port = port.as_u64().and_then(|port| u16::try_from(port).ok());
                Address::Host(host.clone(), port.ok_or_else(|| options.error("address", "there is no such port"))?)
            }
            _ => return Err(options.error("address", "a host and a port are expected")),
        },
        Some(_) => return Err(options.error("address", "it is neither a path nor a host and a port")),
    };
    let facility = match options.take("facility") {
        None => 1,
        Some(value) => {
            let named = |name| FACILITIES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number);
            let number =
                value.as_u64().and_then(|number| u32::try_from(number).ok()).filter(|number| *number < 1 << 20);
            let facility = value.as_str().map_or(number, named);
            facility.ok_or_else(|| options.error("facility", format!("there is no facility {value}")))?
        }
    };
    let transport = match options.take("socktype") {
        None | Some(Value::Null) => None,
        Some(value) if value == "ext://socket.SOCK_STREAM" || *value == 1 => Some(Transport::Stream),
        Some(value) if value == "ext://socket.SOCK_DGRAM" || *value == 2 => Some(Transport::Datagram),
        Some(other) => {
            notes.add(format!("{place}.socktype"), format!("{other} is not looked up: the handler is left out"));
            return Ok(None);
        }
    };
    Ok(Some(Kind::Syslog(SyslogConf { address, facility, transport })))
}
