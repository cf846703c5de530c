//! A server whose storage fails, or is not what it should be.

#![cfg(target_os = "linux")]

mod files;
mod full;
#[path = "../program/mod.rs"]
mod program;
mod server;
