mod client;
mod server;
mod waiting;

pub use client::{AdminerClient, AdminerError};
pub use server::{AdminerServer, LogConfHandler};
