//! The machine that something was measured on.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::numbers::Numbers;
use super::units::Unit;
use crate::{Result, process, venv};

const UNKNOWN: &str = "unknown";

/// What the numbers depend on, as it is kept beside them: rows of a table, and the caches with their bytes.
pub(super) fn describe(python: &Path) -> Result<Value> {
    let rustc = process::output(process::program("rustc").arg("--version"))?;
    let python = process::output(process::program(python).arg("--version"))?;
    let caches = caches();
    let sizes = caches.iter().map(|(name, size)| format!("{name} {}", bytes(*size as u64)));
    Ok(json!({
        "rows": [
            ["processor", processor()],
            ["caches", sizes.collect::<Vec<_>>().join(", ")],
            ["memory", memory()],
            ["system", system()],
            ["Rust", rustc.trim().trim_start_matches("rustc ")],
            ["reference", format!("hat-event {} in {}", venv::NEWEST.version, python.trim())],
        ],
        "caches": caches,
    }))
}

/// The rows as a table, and what an access to memory takes there.
pub(super) fn table(machine: &Value, numbers: &Numbers) -> String {
    let rows = machine["rows"].as_array().into_iter().flatten();
    let rows = rows
        .map(|row| format!("| {} | {} |\n", row[0].as_str().unwrap_or_default(), row[1].as_str().unwrap_or_default()));
    let accesses = numbers.of("access", "access", "machine").into_iter();
    let accesses = accesses.map(|(size, time)| format!("{} in {}", Unit::Seconds.write(time), bytes(size)));
    let accesses = accesses.collect::<Vec<_>>().join(", ");
    let rows = rows.collect::<String>();
    format!("| measured on | |\n|---|---|\n{rows}| an access to memory at random | {accesses} |\n")
}

fn bytes(number: u64) -> String {
    match number >> 10 {
        kibibytes if kibibytes < 1 << 10 => format!("{kibibytes} KiB"),
        kibibytes if kibibytes < 1 << 20 => format!("{} MiB", kibibytes >> 10),
        kibibytes => format!("{} GiB", kibibytes >> 20),
    }
}

/// The bytes of a cache, if the machine has told.
pub(super) fn cache(machine: &Value, name: &str) -> Option<f64> {
    let mut caches = machine["caches"].as_array().into_iter().flatten();
    caches.find(|cache| cache[0] == name)?[1].as_f64()
}

/// The caches of the first core that hold data, with their bytes; none where the system does not tell.
fn caches() -> Vec<(String, f64)> {
    let read = |index: u32, name: &str| {
        let text = fs::read_to_string(format!("/sys/devices/system/cpu/cpu0/cache/index{index}/{name}")).ok()?;
        Some(text.trim().to_owned())
    };
    let cache = |index| {
        let (level, kind, size) = (read(index, "level")?, read(index, "type")?, read(index, "size")?);
        let kibibytes: f64 = size.strip_suffix('K')?.parse().ok()?;
        (kind != "Instruction").then(|| (format!("L{level}"), kibibytes * 1024.0))
    };
    (0..8).filter_map(cache).collect()
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let models: Vec<&str> = text.lines().filter(|line| line.starts_with("model name")).collect();
    let model = models.first().and_then(|line| line.split_once(": "));
    model.map_or(UNKNOWN.to_owned(), |(_, model)| format!("{model}, {} cores", models.len()))
}

fn memory() -> String {
    let text = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kibibytes = text.split_whitespace().nth(1).and_then(|total| total.parse::<f64>().ok());
    kibibytes.map_or(UNKNOWN.to_owned(), |total| format!("{:.0} GiB", total / 1024.0 / 1024.0))
}

fn system() -> String {
    let text = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or(std::env::consts::OS.to_owned(), |name| name.trim_matches('"').to_owned())
}
