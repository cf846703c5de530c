//! The Hat event server, for embedding: what the program `hat-event serve` runs.

#![cfg_attr(
    not(test),
    deny(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::string_slice, clippy::unwrap_used)
)]

pub mod adminer;
pub mod conf;
pub mod engine;
pub mod log;
