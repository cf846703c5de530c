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
mod template;

use std::time::Duration;

use crate::Step;

/// What is not a contestant but the least that there is to do: sockets, and nothing behind them.
pub(crate) const FLOOR: &str = "floor";
pub(crate) const NATS: &str = "nats-server";

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// How often each contestant is measured, if there is time for it.
    rounds: usize,
    /// How long one measurement takes.
    slice: Duration,
    /// How many connections are idle.
    idle: usize,
}

impl Scale {
    pub(crate) const FULL: Self = Self { rounds: 21, slice: Duration::from_millis(100), idle: 3000 };
    /// As little as shows that all of it works.
    pub(crate) const SMOKE: Self = Self { rounds: 1, slice: Duration::from_millis(20), idle: 50 };
}

pub(crate) fn steps(scale: Scale) -> Vec<Step> {
    vec![
        Step::new("server, register", move |name, _| register::step(name, scale)),
        Step::new("server, fan-out", move |name, _| fan_out::step(name, scale)),
        Step::new("server, idle connections", move |name, _| idle::step(name, scale)),
    ]
}
