//! The event protocol between this project and the reference: clients of each on servers of the other.
//!
//! A process of the reference is told what to do, see `peer`; our side runs in the test. Whatever is waited for has a time
//! limit, and processes are killed when a test ends, however it does.

mod client;
mod client_notified;
mod lengths;
mod manager;
pub(crate) mod peer;
mod pings;
mod reference;
mod served;
mod server;
mod server_notifies;
mod slow;
mod tap;
pub(crate) mod values;
mod whole;
pub(crate) mod whole_server;
