//! Event backends that come with Hat events.
