//! Counts what a collection of W3 keeps allocated, in bytes a query type; `cargo xtask compare` runs it.
//!
//! It is a program of its own because an allocator that counts would slow down what `compare` measures.

#![expect(clippy::print_stdout, reason = "the numbers are what is asked for")]

#[path = "../../../../benches/decoded.rs"]
mod decoded;
#[path = "../../../../benches/peers/mod.rs"]
#[expect(dead_code, reason = "nothing is looked up")]
mod peers;
#[path = "../../../../benches/random.rs"]
mod random;
#[path = "../../../../benches/workloads.rs"]
#[expect(dead_code, reason = "only W3 is counted")]
mod workloads;

use hat_event_common::TreeEventTypeCollection;
use peers::Contestant;
use peers::mqtt::Mqtt;
use peers::port::Fast;
use peers::zenoh::Zenoh;

fn main() {
    println!("here {:.1}", count::<TreeEventTypeCollection<u32>>());
    println!("port-fast {:.1}", count::<Fast>());
    println!("zenoh {:.1}", count::<Zenoh>());
    println!("mqtt {:.1}", count::<Mqtt>());
}

/// What is left of all allocations when the query types that it was made of are gone, so with the text that it keeps.
fn count<C: Contestant>() -> f64 {
    let (mut built, mut query_types) = (None, 0);
    let counted = allocation_counter::measure(|| {
        let w3 = workloads::w3(0);
        query_types = w3.query_types.len();
        built = Some(C::build(C::items(&w3.query_types)));
    });
    drop(built);
    counted.bytes_current as f64 / query_types as f64
}
