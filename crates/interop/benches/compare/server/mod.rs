//! Servers on loopback, each a process of its own, driven by one thread of this process.
//!
//! Requests are bytes that were made beforehand, in which only ids change, and of what is received only the heads are looked
//! at, so that what is measured are servers and not a client. Both have to share the two cores of the machine.

mod connection;
mod driver;
mod fan_out;
pub(crate) mod floor;
mod idle;
mod nats;
mod process;
mod register;
mod storage;
mod template;

use std::time::Duration;

use crate::Step;

/// What is not a contestant but the least that there is to do: sockets, and nothing behind them.
pub(crate) const FLOOR: &str = "floor";
pub(crate) const NATS: &str = "nats-server";
/// The same for storing: LMDB, and nothing around it.
pub(crate) const LMDB: &str = "LMDB";
pub(crate) const COMMIT: &str = "commit";
pub(crate) const COMMIT_AND_ECHO: &str = "commit and floor";

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// How often each contestant is measured, if there is time for it.
    rounds: usize,
    /// How long one measurement takes.
    slice: Duration,
    /// How many connections are idle.
    idle: usize,
    /// How many events are stored before queries and starting are measured.
    stored: usize,
    /// How many events are registered until they are persisted: by this project, and by the reference.
    persisted: [usize; 2],
}

impl Scale {
    pub(crate) const FULL: Self = Self {
        rounds: 21,
        slice: Duration::from_millis(100),
        idle: 3000,
        stored: 1_000_000,
        persisted: [5_000_000, 50_000],
    };
    /// As little as shows that all of it works.
    pub(crate) const SMOKE: Self =
        Self { rounds: 1, slice: Duration::from_millis(20), idle: 50, stored: 20_000, persisted: [20_000, 10_000] };
}

pub(crate) fn steps(scale: Scale) -> Vec<Step> {
    vec![
        Step::new("server, register", move |name, _| register::step(name, scale)),
        Step::new("server, fan-out", move |name, _| fan_out::step(name, scale)),
        Step::new("server, idle connections", move |name, _| idle::step(name, scale)),
        Step::new("storage, register until persisted", move |name, _| storage::persisted::step(name, scale)),
        Step::new("storage, flushed acknowledgement", move |name, _| storage::acknowledged::step(name, scale)),
        Step::new("storage, queries", move |name, _| storage::queries::step(name, scale)),
        Step::new("storage, start", move |name, _| storage::start::step(name, scale)),
    ]
}
