//! The configuration: `hat-event://backends/lmdb.yaml`, and settings of our own.

use std::path::PathBuf;
use std::time::Duration;

use hat_event_common::{BoxError, EventType, OrderBy, Subscription};
use serde_json::Value;

use super::conditions::Conditions;

/// How many bytes a file may have: as the reference, 1 TiB where addresses have 64 bits.
const DEFAULT_SIZE: u64 = if cfg!(target_pointer_width = "64") { 1 << 40 } else { 1 << 31 };
/// How many events may wait to be written.
const DEFAULT_BACKLOG: u32 = 128 << 10;
const DEFAULT_MAX_RESULTS: u64 = 4096;
const DEFAULT_TYPE_CACHE: usize = 256 << 10;

/// When a registration is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Durability {
    /// Once it is in memory; what is there is written every flush period.
    Memory,
    /// Once it is on disk.
    Flushed,
}

/// What a partition keeps, and for how long.
#[derive(Clone, Debug)]
pub(super) struct PartitionConf {
    pub(super) order_by: OrderBy,
    pub(super) subscription: Subscription,
    pub(super) limit: Option<Limit>,
}

/// What of a partition is removed, from its beginning: numbers as in the configuration, where any may have a fraction.
#[derive(Clone, Debug, Default)]
pub(super) struct Limit {
    pub(super) min_entries: Option<f64>,
    pub(super) max_entries: Option<f64>,
    /// In seconds.
    pub(super) duration: Option<f64>,
    /// In bytes, of all partitions together.
    pub(super) size: Option<f64>,
}

#[derive(Debug)]
pub(super) struct Conf {
    pub(super) path: PathBuf,
    pub(super) identifier: Option<String>,
    pub(super) flush_period: Duration,
    pub(super) cleanup_period: Duration,
    pub(super) conditions: Conditions,
    pub(super) latest: Subscription,
    pub(super) partitions: Vec<PartitionConf>,
    pub(super) max_results: u64,
    pub(super) type_cache: usize,
    pub(super) durability: Durability,
    pub(super) max_size: usize,
    pub(super) backlog: u32,
}

impl Conf {
    /// Takes what the reference's schema lets pass, and looks at the rest.
    pub(super) fn read(conf: &Value) -> Result<Self, BoxError> {
        let partitions = conf["timeseries"].as_array().into_iter().flatten().enumerate();
        let limits = own_limits(&conf["limits"])?;
        Ok(Self {
            path: conf["db_path"].as_str().unwrap_or_default().into(),
            identifier: conf["identifier"].as_str().map(str::to_owned),
            flush_period: period(conf, "flush_period")?,
            cleanup_period: period(conf, "cleanup_period")?,
            conditions: Conditions::read(&conf["conditions"])?,
            latest: subscription(conf.pointer("/latest/subscriptions"), "/latest/subscriptions")?,
            partitions: partitions.map(|(at, conf)| partition(conf, at)).collect::<Result<_, _>>()?,
            max_results: whole(conf, "timeseries_max_results", DEFAULT_MAX_RESULTS)?,
            type_cache: usize::try_from(whole(conf, "timeseries_event_type_cache_size", DEFAULT_TYPE_CACHE as u64)?)?,
            durability: match &conf["durability"] {
                Value::Null => Durability::Memory,
                value => match value.as_str() {
                    Some("memory") => Durability::Memory,
                    Some("flushed") => Durability::Flushed,
                    _ => return Err(format!("/durability: {value} is neither \"memory\" nor \"flushed\"").into()),
                },
            },
            max_size: limits.0,
            backlog: limits.1,
        })
    }
}

/// The largest size of the file, a multiple of all page sizes that there are, and the backlog.
fn own_limits(limits: &Value) -> Result<(usize, u32), BoxError> {
    const PAGE: u64 = 64 << 10;
    let keys = limits.as_object().into_iter().flat_map(|limits| limits.keys());
    if let Some(key) = keys.into_iter().find(|key| !["db_size", "backlog_events"].contains(&key.as_str())) {
        return Err(format!("/limits/{key}: there is no such limit; known are db_size, backlog_events").into());
    }
    if !limits.is_null() && !limits.is_object() {
        return Err(format!("/limits: {limits} is no object").into());
    }
    let size = whole(limits, "db_size", DEFAULT_SIZE).map_err(|error| format!("/limits{error}"))?;
    let backlog = whole(limits, "backlog_events", DEFAULT_BACKLOG.into()).map_err(|error| format!("/limits{error}"))?;
    if size < 1 << 20 {
        return Err(format!("/limits/db_size: {size} bytes are too few; 1 MiB is the least").into());
    }
    // A semaphore of tokio has fewer permits than that on all platforms.
    let backlog = u32::try_from(backlog).ok().filter(|backlog| (1..=1 << 28).contains(backlog));
    let backlog = backlog.ok_or("/limits/backlog_events: it is not within 1 and 268435456")?;
    Ok((usize::try_from(size / PAGE * PAGE)?, backlog))
}

fn partition(conf: &Value, at: usize) -> Result<PartitionConf, BoxError> {
    let limit = |limit: &Value| Limit {
        min_entries: limit["min_entries"].as_f64(),
        max_entries: limit["max_entries"].as_f64(),
        duration: limit["duration"].as_f64(),
        size: limit["size"].as_f64(),
    };
    Ok(PartitionConf {
        order_by: if conf["order_by"] == "TIMESTAMP" { OrderBy::Timestamp } else { OrderBy::SourceTimestamp },
        subscription: subscription(conf.get("subscriptions"), &format!("/timeseries/{at}/subscriptions"))?,
        limit: conf.get("limit").map(limit),
    })
}

/// A list of query types, each a list of segments.
pub(super) fn subscription(conf: Option<&Value>, place: &str) -> Result<Subscription, BoxError> {
    let segments =
        |list: &Value| list.as_array().into_iter().flatten().filter_map(Value::as_str).collect::<EventType>();
    let subscription = Subscription::new(conf.and_then(Value::as_array).into_iter().flatten().map(segments));
    subscription.map_err(|error| format!("{place}: {error}").into())
}

/// A number of seconds; none passes faster than a millisecond, and none needs a century.
fn period(conf: &Value, key: &str) -> Result<Duration, BoxError> {
    let seconds = conf[key].as_f64().ok_or_else(|| format!("/{key}: it is no number"))?;
    Ok(Duration::from_secs_f64(seconds.clamp(0.001, 3e9)))
}

/// A number that may be missing, also written as `4096.0`.
fn whole(conf: &Value, key: &str, default: u64) -> Result<u64, BoxError> {
    let value = &conf[key];
    let of_float =
        || value.as_f64().filter(|number| *number >= 0.0 && number.fract() == 0.0).map(|number| number as u64);
    match value {
        Value::Null => Ok(default),
        _ => value.as_u64().or_else(of_float).ok_or_else(|| format!("/{key}: {value} is no number from 0 on").into()),
    }
}
