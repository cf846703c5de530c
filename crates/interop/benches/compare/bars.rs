//! What has to be reached, all of it in this table.

use crate::contest::{CORE, HERE, REFERENCE, TOUCHED};
use crate::server::{COMMIT_AND_ECHO, FLOOR, NATS};

/// What a row of the table is held against.
pub(crate) struct Bar {
    /// The name of the row, or with a final `*` what names of rows begin with.
    row: &'static str,
    holds: Holds,
}

enum Holds {
    /// So many times faster than a contestant.
    Faster(f64, &'static str),
    /// Not slower than a contestant by more than this factor.
    Within(f64, &'static str),
    /// A number that is not larger.
    AtMost(f64),
}

/// Whether a bar is reached.
pub(crate) enum Verdict {
    Reached,
    /// It is missed by this factor.
    Short(f64),
    /// Nobody knows.
    NotMeasured,
}

use Holds::{AtMost, Faster, Within};

const fn bar(row: &'static str, holds: Holds) -> Bar {
    Bar { row, holds }
}

#[rustfmt::skip]
pub(crate) const BARS: &[Bar] = &[
    bar("collection, W3: get", Faster(5.0, "port-fast")),
    bar("collection, W3: get", Faster(12.0, CORE)),
    bar("collection, W3: get", Faster(40.0, "zenoh")),
    bar("collection, W3: bytes a query", AtMost(120.0)),
    bar("collection, W2: get", Faster(3.0, CORE)),
    bar("collection, W2: get", Faster(3.0, "zenoh")),
    bar("subscription, W1, 10 segments, 1 type: matches", Faster(4.0, CORE)),
    bar("subscription, W1, 10 segments, 100 types: matches", Faster(4.0, CORE)),
    bar("subscription, W1, 10 segments, 10,000 types: matches", Faster(4.0, CORE)),
    bar("subscription, W1, 10 segments, 1,000,000 types: matches", Faster(2.5, CORE)),
    bar("subscription, W1, 1 segment*: matches", Faster(1.0, CORE)),
    bar("subscription, W1, 3 segments*: matches", Faster(1.0, CORE)),
    bar("subscription, W1, 5 segments*: matches", Faster(1.0, CORE)),
    bar("subscription, W1*1,000,000 types: build", Faster(2.0, CORE)),
    bar("subscription, W1*1,000,000 types: build", Faster(1.0, "port-fast")),
    bar("collection, W3: build", Faster(2.0, CORE)),
    bar("collection, W3: build", Faster(1.0, "port-fast")),
    bar("collection, W3: add", Within(3.0, "port-fast")),
    bar("collection, W3: remove", Within(3.0, "port-fast")),
    bar("codec, 1000 events: encode", Faster(4.0, "prost")),
    bar("codec, 1000 events: encode", Faster(200.0, REFERENCE)),
    bar("codec, 1000 events: encode", Within(1.3, "bincode")),
    bar("codec, 1000 events: decode", Faster(3.0, "prost")),
    bar("codec, 1000 events: decode", Faster(50.0, REFERENCE)),
    // What is linear in the query types that are touched grows as they do. Where few are touched, what is linear in all that
    // are stored takes four times as long as before, and where all are touched what is quadratic sixteen times. The rest is
    // for caches, into which fewer of them fit.
    bar("collection, W4*: growth", Within(2.5, TOUCHED)),
    bar("server, register, one at a time: p50", Within(1.3, FLOOR)),
    bar("server, register, 8 in flight: requests", Faster(15.0, REFERENCE)),
    bar("server, register, batches of 100, 8 in flight: events", Faster(60.0, REFERENCE)),
    bar("server, fan-out of batches of 100 to 50 subscribers: events", Faster(60.0, REFERENCE)),
    bar("server, fan-out of batches of 100 to 50 subscribers: events", Faster(1.0, NATS)),
    bar("server, idle connections, 3000: KiB each", AtMost(20.0)),
    bar("storage, register until persisted, batches of 100, 8 in flight: events", Faster(40.0, REFERENCE)),
    bar("storage, register until persisted*: MiB resident", AtMost(200.0)),
    bar("storage, flushed acknowledgement, one at a time: p50", Within(1.5, COMMIT_AND_ECHO)),
    bar("storage, queries: latest of 10,000 types", Faster(80.0, REFERENCE)),
    bar("storage, queries: time series, 4096 results", Faster(100.0, REFERENCE)),
    bar("storage, queries: time series of one type*events stored", Faster(300.0, REFERENCE)),
    bar("engine, 1,000 modules, recursion 10*: a session", Faster(40.0, REFERENCE)),
    bar("storage, start*: first answer", Faster(10.0, REFERENCE)),
];

impl Bar {
    /// Whether it is for the row of this name.
    pub(crate) fn is_for(&self, name: &str) -> bool {
        match self.row.split_once('*') {
            Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| rest.ends_with(after)),
            None => name == self.row,
        }
    }

    /// What it demands, and whether that is reached by what contestants have in the row.
    pub(crate) fn verdict(&self, of: impl Fn(&str) -> Option<f64>) -> (String, Verdict) {
        let (demand, limit) = match self.holds {
            Faster(1.0, name) => (format!("not slower than {name}"), of(name)),
            Faster(times, name) => (format!("{times} × {name}"), of(name).map(|of| of / times)),
            Within(factor, name) => (format!("within {factor} × of {name}"), of(name).map(|of| of * factor)),
            AtMost(most) => (format!("at most {most}"), Some(most)),
        };
        let verdict = match of(HERE).zip(limit) {
            Some((here, limit)) if here <= limit => Verdict::Reached,
            Some((here, limit)) => Verdict::Short(here / limit),
            None => Verdict::NotMeasured,
        };
        (demand, verdict)
    }
}
