//! What this project does otherwise than the reference, on purpose.

use std::collections::BTreeMap;

/// The names of the differences that a test may find, as the book's page about them has them.
const NAMES: &[&str] = &[
    "backend-order",
    "backend-time-steps-back",
    "collection-add",
    "datetime-before-1970",
    "datetime-precision",
    "datetime-years",
    "disjoint-empty",
    "disjoint-longer",
    "float-whole",
    "id-range",
    "intersection-end-and-star",
    "json-depth",
    "json-digits",
    "json-not-finite",
    "json-text",
    "lmdb-alone",
    "lmdb-condition-json",
    "lmdb-count-0",
    "lmdb-last-unmet",
    "lmdb-flush-for-query",
    "lmdb-size",
    "lmdb-stale-refs",
    "lmdb-unreadable",
    "max-results-range",
    "query-type-check",
    "sbs-comment-end",
    "sbs-integer-range",
    "sbs-limits",
    "sbs-negative",
    "sbs-parametric-recursion",
    "sbs-schema-errors",
    "sbs-trailing",
    "sbs-truncated",
    "sbs-type-names",
    "timestamp-range",
    "yaml-large-integers",
    "yaml-not-json",
    "yaml-repeated-key",
];

const PAGE: &str = include_str!("../../../../docs/src/python-parity.md");

const GOLDEN: [&str; 6] = [
    include_str!("../../../codec/tests/golden/decodings.jsonl"),
    include_str!("../../../codec/tests/golden/json_checks.jsonl"),
    include_str!("../../../codec/tests/golden/schemas.jsonl"),
    include_str!("../../../codec/tests/golden/timestamps.jsonl"),
    include_str!("../../../subscription/tests/golden/operations.jsonl"),
    include_str!("../../../subscription/tests/golden/subscriptions.jsonl"),
];

/// Counts the differences that a test found.
#[derive(Debug, Default)]
pub(crate) struct Differences(BTreeMap<&'static str, usize>);

impl Differences {
    /// Takes note of a difference.
    pub(crate) fn note(&mut self, name: &str) {
        let known = NAMES.iter().find(|known| **known == name);
        *self.0.entry(known.unwrap_or_else(|| panic!("{name} is no known difference"))).or_default() += 1;
    }

    /// How often each was found.
    pub(crate) fn summary(&self) -> String {
        let counts: Vec<_> = self.0.iter().map(|(name, count)| format!("{name} {count}")).collect();
        if counts.is_empty() { "none".to_owned() } else { counts.join(", ") }
    }
}

#[test]
fn differences_are_documented() {
    let documented = |name: &str| PAGE.lines().any(|line| line.starts_with(&format!("| `{name}` |")));
    for name in NAMES {
        assert!(documented(name), "{name} is not in python-parity.md");
    }
    for line in GOLDEN.iter().flat_map(|file| file.lines()) {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        for name in vector["differences"].as_object().iter().flat_map(|differences| differences.keys()) {
            assert!(NAMES.contains(&&**name), "{name} is no known difference");
        }
    }
}
