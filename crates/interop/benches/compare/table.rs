//! The table of all rows, and what is reached in it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::bars::{BARS, Verdict};
use crate::contest::{CORE, HERE, Measured, REFERENCE};

#[derive(Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// Nothing is held against the bars, as too little was measured.
    pub(crate) smoke: bool,
}

#[derive(Deserialize, Serialize)]
pub(crate) struct Row {
    name: String,
    unit: Unit,
    measured: Measured,
}

#[derive(Clone, Copy, Deserialize, Serialize)]
enum Unit {
    Seconds,
    /// Seconds an item, shown as items a second.
    Rate,
    None,
}

impl Row {
    /// A row of seconds.
    pub(crate) fn times(name: String, measured: Measured) -> Self {
        Self { name, unit: Unit::Seconds, measured }
    }

    /// A row of seconds an item, where one wants to see how many items that is a second.
    pub(crate) fn rates(name: String, measured: Measured) -> Self {
        Self { name, unit: Unit::Rate, measured }
    }

    /// A row of other numbers.
    pub(crate) fn numbers(name: String, measured: Measured) -> Self {
        Self { name, unit: Unit::None, measured }
    }

    fn of(&self, name: &str) -> Option<f64> {
        self.measured.iter().find(|(measured, _)| *measured == name).map(|(_, number)| *number)
    }

    /// How many times a number is what this project has.
    fn ratio(&self, number: f64) -> String {
        match number / self.of(HERE).unwrap_or(f64::NAN) {
            ratio if ratio < 0.95 => format!("{ratio:.2}"),
            ratio => format!("{ratio:.1}"),
        }
    }

    fn show(&self, number: f64) -> String {
        match (self.unit, number) {
            (Unit::None, n) if n < 10.0 => format!("{n:.2}"),
            (Unit::None, n) => format!("{n:.0}"),
            (Unit::Rate, s) if s > 1e-3 => format!("{:.0}/s", 1.0 / s),
            (Unit::Rate, s) if s > 1e-6 => format!("{:.1} k/s", 1e-3 / s),
            (Unit::Rate, s) => format!("{:.2} M/s", 1e-6 / s),
            (Unit::Seconds, s) if s < 99.95e-9 => format!("{:.1} ns", s * 1e9),
            (Unit::Seconds, s) if s < 1e-6 => format!("{:.0} ns", s * 1e9),
            (Unit::Seconds, s) if s < 1e-3 => format!("{:.2} µs", s * 1e6),
            (Unit::Seconds, s) if s < 1.0 => format!("{:.2} ms", s * 1e3),
            (Unit::Seconds, s) => format!("{s:.2} s"),
        }
    }

    /// What a contestant has, and how many times that is what this project has.
    fn column(&self, name: &str) -> String {
        let Some(number) = self.of(name) else { return "| |".to_owned() };
        format!("{} | {} |", self.show(number), self.ratio(number))
    }

    /// What is demanded here, and whether it is reached.
    fn bars(&self) -> Vec<(String, Verdict)> {
        let bars = BARS.iter().filter(|bar| bar.is_for(&self.name));
        bars.map(|bar| bar.verdict(|name| self.of(name))).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| what | here | {REFERENCE} | ratio | {CORE} | ratio | others | bars |")?;
        writeln!(f, "|---|--:|--:|--:|--:|--:|---|---|")?;
        for row in &self.rows {
            let others = row.measured.iter().filter(|(name, _)| ![HERE, REFERENCE, CORE].contains(&name.as_str()));
            let others: Vec<String> =
                others.map(|(name, number)| format!("{name} {} ({})", row.show(*number), row.ratio(*number))).collect();
            let bars = if self.smoke { Vec::new() } else { row.bars() };
            let bars: Vec<String> = bars.into_iter().map(show_bar).collect();
            let here = row.of(HERE).map_or("–".to_owned(), |here| row.show(here));
            let (reference, core) = (row.column(REFERENCE), row.column(CORE));
            writeln!(f, "| {} | {here} | {reference} {core} {} | {} |", row.name, others.join(", "), bars.join("; "))?;
        }
        if self.smoke {
            return Ok(());
        }
        let bars = || self.rows.iter().flat_map(|row| row.bars().into_iter().map(|bar| (&row.name, bar)));
        let missed: Vec<_> = bars().filter(|(_, (_, verdict))| !matches!(verdict, Verdict::Reached)).collect();
        writeln!(
            f,
            "\n{} of {} bars are reached{}",
            bars().count() - missed.len(),
            bars().count(),
            if missed.is_empty() { "." } else { ":" }
        )?;
        missed.into_iter().try_for_each(|(name, bar)| writeln!(f, "- {name}: {}", show_bar(bar)))
    }
}

fn show_bar((demand, verdict): (String, Verdict)) -> String {
    match verdict {
        Verdict::Reached => format!("{demand}: ok"),
        Verdict::Short(short) => format!("{demand}: **short by {short:.2} ×**"),
        Verdict::NotMeasured => format!("{demand}: **not measured**"),
    }
}
