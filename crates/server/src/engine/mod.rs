//! The engine: sessions, and the modules that answer events.
