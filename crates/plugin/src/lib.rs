//! The contracts of Hat event backends, modules and engines.
