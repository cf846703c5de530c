use std::time::Duration;

use serde_json::Value;

use super::handlers::Kind;
use super::options::{Notes, Options};
use crate::log::error::LogError;

/// A syslog server, as Hat's own handler sends to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::log) struct HatSyslogConf {
    pub(in crate::log) host: String,
    pub(in crate::log) port: u16,
    pub(in crate::log) comm_type: CommType,
    /// So many messages wait at most.
    pub(in crate::log) queue_size: usize,
    /// Between the attempts to connect.
    pub(in crate::log) reconnect_delay: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::log) enum CommType {
    Udp,
    Tcp,
    Tls,
}

const COMM_TYPES: &[(&str, CommType)] = &[("UDP", CommType::Udp), ("TCP", CommType::Tcp), ("TLS", CommType::Tls)];

/// `hat.syslog.handler.SyslogHandler`
pub(super) fn hat_syslog(options: &mut Options<'_>, place: &str, notes: &mut Notes) -> Result<Option<Kind>, LogError> {
    let host = options.text("host")?.ok_or_else(|| options.error("host", "it is missing"))?;
    let port = match options.take("port") {
        None => return Err(options.error("port", "it is missing")),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64().and_then(|port| u16::try_from(port).ok()),
    };
    let port = port.ok_or_else(|| options.error("port", "there is no such port"))?;
    let name = options.text("comm_type")?.ok_or_else(|| options.error("comm_type", "it is missing"))?;
    let short = name.strip_prefix("ext://hat.syslog.common.CommType.").unwrap_or(&name);
    let comm_type = COMM_TYPES.iter().find(|(known, _)| *known == short).map(|(_, comm_type)| *comm_type);
    let comm_type = comm_type
        .ok_or_else(|| options.error("comm_type", format!("{name:?} is not known; known are UDP, TCP and TLS")))?;
    let queue_size = options.number("queue_size")?.unwrap_or(1024);
    let queue_size = usize::try_from(queue_size).unwrap_or(usize::MAX);
    let reconnect_delay = options.seconds("reconnect_delay")?.unwrap_or(Duration::from_secs(5));
    if host.starts_with("ext://") || host.starts_with("cfg://") {
        notes.add(format!("{place}.host"), format!("{host:?} is not looked up: the handler is left out"));
        return Ok(None);
    }
    Ok(Some(Kind::HatSyslog(HatSyslogConf { host, port, comm_type, queue_size, reconnect_delay })))
}
