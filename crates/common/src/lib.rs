//! The whole of hat.event.common in Rust: one crate that re-exports every layer.
