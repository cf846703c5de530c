//! Events of the Hat event system, and what identifies and orders them.
