//! The names that the module exports are those that the book's page lists.

use hat_event_interop::Python;
use serde_json::{Value, json};

use crate::trial::PORTED;

#[test]
fn the_page_on_python_lists_what_the_reference_exports() {
    let mut python = Python::start(PORTED, "oracle.py").unwrap_or_else(|error| panic!("{error}"));
    let answers = python.ask("exported_names", &[json!({})]).unwrap_or_else(|error| panic!("{error}"));
    let exported: Vec<&str> = answers[0].as_array().unwrap().iter().filter_map(Value::as_str).collect();

    let page = include_str!("../../../../docs/src/python-parity.md");
    let (table, _) = page.split_once("## Differences").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let listed: Vec<&str> = rows.filter_map(|row| row.split('`').nth(1)).collect();
    assert_eq!(listed, exported);
}
