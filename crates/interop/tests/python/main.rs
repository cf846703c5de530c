//! Differential tests: the Python packages of Hat and this project answer the same questions about random input.
//!
//! `cargo xtask interop` installs the packages and runs the tests. Each test has a seed, which it prints, and at least
//! 10,000 cases. What may differ is listed in `differences`, by the names of `docs/src/python-parity.md`.

#![expect(clippy::print_stdout, reason = "a test tells its seed and what it found")]

mod chatter;
mod collections;
mod differences;
mod encodings;
mod eventer_client;
mod eventer_lengths;
mod eventer_manager;
mod eventer_peer;
mod eventer_pings;
mod eventer_reference;
mod eventer_served;
mod eventer_server;
mod eventer_tap;
mod eventer_values;
mod eventer_whole;
mod json;
mod malformed;
mod matching;
mod names;
mod schemas;
mod timestamps;
mod trial;
mod values;
