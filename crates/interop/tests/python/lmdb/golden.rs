//! The committed databases of the crate `backends` have what is written beside them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::pair::{dump, start};

#[test]
fn committed_databases_have_what_is_told_of_them() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../backends/tests/golden");
    let (mut python, mut databases) = (start(), 0);
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "mdb") {
            continue;
        }
        let text = fs::read_to_string(path.with_extension("jsonl")).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        let told: Vec<Value> = lines.filter(|line: &Value| line["entries"].is_array()).collect();
        // Opening it makes a lock file beside it.
        let copies = tempfile::tempdir().unwrap();
        let copy = copies.path().join("event.db");
        fs::copy(&path, &copy).unwrap();
        let tables = dump(&mut python, &copy);
        assert_eq!((told.len(), tables.as_array().unwrap().len()), (9, 9));
        for (told, table) in told.iter().zip(tables.as_array().unwrap()) {
            assert_eq!((&told["name"], &told["entries"]), (&table[0], &table[1]), "{}", path.display());
        }
        databases += 1;
    }
    assert_eq!(databases, 5);
}
