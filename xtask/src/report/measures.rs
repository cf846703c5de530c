//! What is shown: a chart of two panels each, and a table for each panel.

use std::collections::BTreeSet;

use super::chart::{self, Line};
use super::machine;
use super::numbers::Numbers;
use super::scale::Scale;
use super::table;
use super::units::{self, Unit};

/// Those that are measured, ours first.
pub(super) const CONTESTANTS: [&str; 5] = ["hat-event", "port-fast", "prost", "prost-shared", "reference"];

/// A section of the page, which is called as its chart.
pub(super) struct Measure {
    pub(super) name: &'static str,
    /// What is on the chart, for those who do not see it.
    alt: &'static str,
    pub(super) panels: [Panel; 2],
}

/// What one number of one work does as the work grows.
pub(super) struct Panel {
    pub(super) title: &'static str,
    pub(super) work: &'static str,
    pub(super) what: &'static str,
    pub(super) x: &'static str,
    pub(super) y: &'static str,
    pub(super) unit: Unit,
    /// Divides each number by its size.
    is_shared: bool,
}

const QUERY_TYPES: &str = "query types";
const SEGMENTS: &str = "segments";
const MATCHES: &str = "matches an event";
const EVENTS: &str = "events in a batch";
const AN_EVENT: &str = "time an event";
const A_QUERY_TYPE: &str = "time a query type";

#[rustfmt::skip]
pub(super) const ALL: [Measure; 7] = [
    Measure { name: "look-up", alt: "time of get and of matches by number of query types", panels: [
        seconds("get", "collection", "look-up", QUERY_TYPES, AN_EVENT),
        seconds("matches", "subscription", "look-up", QUERY_TYPES, AN_EVENT),
    ] },
    Measure { name: "bytes", alt: "bytes a query type by number of query types", panels: [
        bytes("collection", "collection", QUERY_TYPES),
        bytes("subscription", "subscription", QUERY_TYPES),
    ] },
    Measure { name: "build", alt: "time to build, a query type, by number of query types", panels: [
        seconds("build a collection", "collection", "build", QUERY_TYPES, A_QUERY_TYPE),
        seconds("build a subscription", "subscription", "build", QUERY_TYPES, A_QUERY_TYPE),
    ] },
    Measure { name: "change", alt: "time of add and of remove by number of query types", panels: [
        seconds("add", "collection", "add", QUERY_TYPES, A_QUERY_TYPE),
        seconds("remove", "collection", "remove", QUERY_TYPES, A_QUERY_TYPE),
    ] },
    Measure { name: "segments", alt: "time of get and of matches by number of segments", panels: [
        seconds("get", "collection-segments", "look-up", SEGMENTS, AN_EVENT),
        seconds("matches", "subscription-segments", "look-up", SEGMENTS, AN_EVENT),
    ] },
    Measure { name: "found", alt: "time of get by number of matches", panels: [
        seconds("get, an event", "found", "look-up", MATCHES, AN_EVENT),
        Panel { is_shared: true, ..seconds("get, a match", "found", "look-up", MATCHES, "time a match") },
    ] },
    Measure { name: "batches", alt: "time to encode and to decode by number of events", panels: [
        seconds("encode", "batches", "encode", EVENTS, AN_EVENT),
        seconds("decode", "batches", "decode", EVENTS, AN_EVENT),
    ] },
];

const fn seconds(
    title: &'static str,
    work: &'static str,
    what: &'static str,
    x: &'static str,
    y: &'static str,
) -> Panel {
    Panel { title, work, what, x, y, unit: Unit::Seconds, is_shared: false }
}

const fn bytes(title: &'static str, work: &'static str, x: &'static str) -> Panel {
    Panel { title, work, what: "bytes", x, y: "bytes a query type", unit: Unit::Bytes, is_shared: false }
}

impl Measure {
    /// The text of the section: the chart, the tables, and what has to be known about them.
    pub(super) fn section(&self, numbers: &Numbers) -> String {
        let mut text = format!("![{}](charts/{}.svg)\n\n", self.alt, self.name);
        for panel in &self.panels {
            text.push_str(&table::table(panel, numbers));
            text.push('\n');
        }
        if self.panels.iter().any(|panel| panel.unit == Unit::Bytes) {
            text.push_str("Bytes are those asked of the allocator; of `reference` it is what its process grew by.\n");
        }
        if self.panels.iter().any(|panel| panel.x == QUERY_TYPES) {
            text.push_str("From L2 and L3 on, what `hat-event` holds is larger than that cache.\n");
        }
        let works: BTreeSet<&str> = self.panels.iter().map(|panel| panel.work).collect();
        for end in numbers.ends().iter().filter(|end| works.contains(&*end.work)) {
            text.push_str(&format!(
                "`{}` ends before {} {} in a {}: it would take about {:.0} GiB of memory.\n",
                end.contestant,
                units::count(end.size),
                self.panels[0].x,
                end.work,
                (end.needs / f64::from(1 << 30)).ceil(),
            ));
        }
        text
    }
}

impl Panel {
    /// What was measured, by size, of those contestants that were.
    pub(super) fn lines(&self, numbers: &Numbers) -> Vec<Line> {
        let points = |contestant| {
            let points = numbers.of(self.work, self.what, contestant).into_iter();
            points.map(|(size, number)| (size as f64, if self.is_shared { number / size as f64 } else { number }))
        };
        let lines = (0..).zip(CONTESTANTS).map(|(style, name)| {
            // There is no match of which to tell the time where nothing matches.
            let points = points(name).filter(|(_, number)| number.is_finite()).collect();
            Line { name, style, points }
        });
        lines.filter(|line| !line.points.is_empty()).collect()
    }

    /// The panel of the chart.
    pub(super) fn draw(&self, numbers: &Numbers, machine: &serde_json::Value) -> chart::Panel {
        let mut lines = self.lines(numbers);
        // There is no zero on an axis of ratios; it is in the table.
        lines.iter_mut().for_each(|line| line.points.retain(|(size, _)| *size > 0.0));
        let points = || lines.iter().flat_map(|line| &line.points);
        let sizes = points().map(|(size, _)| *size);
        let x = Scale::log(sizes.clone()).cut(sizes);
        let y = points().map(|(_, number)| *number);
        let y = if self.unit == Unit::Bytes { Scale::linear(y) } else { Scale::log(y) };
        let marks = if self.x == QUERY_TYPES { self.outgrown(numbers, machine) } else { Vec::new() };
        chart::Panel { title: self.title, x_label: self.x, y_label: self.y, y_unit: self.unit, x, y, lines, marks }
    }

    /// The sizes from which on what we hold is larger than a cache.
    fn outgrown(&self, numbers: &Numbers, machine: &serde_json::Value) -> Vec<(f64, &'static str)> {
        let bytes = numbers.of(self.work, "bytes", CONTESTANTS[0]);
        let mark = |name| {
            let cache = machine::cache(machine, name)?;
            let (_, bytes) = bytes.iter().find(|(size, bytes)| **size as f64 * **bytes >= cache)?;
            Some((cache / bytes, name))
        };
        ["L2", "L3"].into_iter().filter_map(mark).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What two contestants took at two sizes, of which the second was too large for the other.
    fn numbers() -> Numbers {
        let point = |what: &str, contestant: &str, size: u64, number: f64| json!({"work": "collection", "what": what, "contestant": contestant, "size": size, "number": number});
        let points = [
            point("look-up", "hat-event", 1000, 2e-7),
            point("look-up", "hat-event", 10_000, 4e-7),
            point("look-up", "reference", 1000, 1e-6),
            point("bytes", "hat-event", 1000, 100.0),
            point("bytes", "hat-event", 10_000, 128.0),
            point("found", "hat-event", 1000, 4.04),
        ];
        let end = json!({"work": "collection", "contestant": "reference", "size": 10_000, "needs": 1.5e10});
        let mut numbers = Numbers::default();
        numbers.read(&json!({"points": points, "ends": [end]}).to_string()).unwrap();
        numbers
    }

    #[test]
    fn a_section_has_chart_tables_and_where_lines_end() {
        let section = ALL[0].section(&numbers());
        for part in [
            "![time of get and of matches by number of query types](charts/look-up.svg)\n",
            "**get**, time an event\n",
            "| query types | matches an event | `hat-event` | `reference` |\n",
            "| 1,000 | 4.0 | 200 ns | 1.0 µs, 5.0 × |\n",
            "| 10,000 |  | 400 ns | – |\n",
            "`reference` ends before 10,000 query types in a collection: it would take about 14 GiB",
        ] {
            assert!(section.contains(part), "{part} is missing in\n{section}");
        }
    }

    #[test]
    fn caches_are_marked_where_what_we_hold_outgrows_them() {
        let machine = json!({"caches": [["L1", 1.0], ["L2", 1_280_000.0], ["L3", 1e9]]});
        let marks = ALL[0].panels[0].draw(&numbers(), &machine).marks;
        assert_eq!(marks, [(10_000.0, "L2")]);
    }

    #[test]
    fn nothing_is_divided_by_no_match() {
        let text = r#"{"points": [
            {"work": "found", "what": "look-up", "contestant": "hat-event", "size": 0, "number": 1e-8},
            {"work": "found", "what": "look-up", "contestant": "hat-event", "size": 10, "number": 1e-7}], "ends": []}"#;
        let mut numbers = Numbers::default();
        numbers.read(text).unwrap();
        let [event, a_match] = &ALL[5].panels;
        assert_eq!(event.lines(&numbers)[0].points, [(0.0, 1e-8), (10.0, 1e-7)]);
        assert_eq!(event.draw(&numbers, &json!({})).lines[0].points, [(10.0, 1e-7)]);
        assert_eq!(a_match.lines(&numbers)[0].points, [(10.0, 1e-8)]);
    }
}
