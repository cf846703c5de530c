//! What the tests against the Python packages of Hat are made of: a process to ask, and random input to ask about.
//!
//! The tests are in `tests/python` and run by `cargo xtask interop`. The answering programs are in `python`.

mod python;
mod random;

pub use python::{Python, PythonError};
pub use random::Random;
