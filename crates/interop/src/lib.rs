//! Tests that hold this project against the Python packages of Hat.
