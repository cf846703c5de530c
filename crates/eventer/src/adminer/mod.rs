mod client;
mod server;

pub use client::{AdminerClient, AdminerError};
pub use server::{AdminerServer, LogConfHandler};
