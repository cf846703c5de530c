//! hat-event, the program: looks into the bytes, types and configurations of Hat events.
fn main() {}
