//! Differential tests: the Python packages of Hat and this project answer the same questions about random input, and talk
//! to each other in `adminer`, `eventer` and `lmdb`.
//!
//! `cargo xtask interop` installs the packages and runs the tests. Each test about random input has a seed, which it prints,
//! and those that ask questions at least 10,000 cases. What may differ is listed in `differences`, by the names of
//! `docs/src/python-parity.md`.

#![expect(clippy::print_stdout, reason = "a test tells its seed and what it found")]

mod adminer;
mod chatter;
mod collections;
mod differences;
mod documents;
mod encodings;
mod eventer;
mod json;
mod lmdb;
mod logging;
mod malformed;
mod matching;
mod names;
mod schemas;
mod syslog;
mod timestamps;
mod trial;
mod values;
