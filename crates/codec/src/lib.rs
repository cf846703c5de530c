//! The bytes of Hat events: SBS values, messages and timestamps.
