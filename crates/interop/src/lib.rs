//! What the tests against the Python packages of Hat are made of: a process to ask, random input to ask about, and a look at
//! messages that is cheap enough for a load generator.
//!
//! The tests are in `tests/python` and run by `cargo xtask interop`; `cargo xtask compare` runs `benches/compare`,
//! and with `--report` also `benches/growth`. All ask programs in the folder `python`:
//!
//! | program | what it does |
//! |---|---|
//! | `oracle.py`, `oracle_*.py` | answers the questions of the tests |
//! | `eventer_peer.py` | has clients and servers that talk to this project's, as the tests say |
//! | `adminer.py` | is an adminer client or server that a test talks to |
//! | `compare.py` | does the same work as the benchmark |
//! | `growth.py` | does the same work as the benchmark of how cost grows |
//! | `golden.py`, `golden_*.py` | writes the golden vectors for `cargo xtask golden` |
//! | `strict.py` | the rules of this project where they differ, written a second time |
//! | `notation.py` | SBS values as JSON |

mod heads;
mod python;
mod random;

pub use heads::{Head, Heads, NoMessage};
pub use python::{Python, PythonError};
pub use random::Random;
