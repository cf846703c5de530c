//! Levels as Python numbers them.

use serde_json::Value;
use tracing::Level;
use tracing::level_filters::LevelFilter;

/// What Python's root logger has, if nobody says otherwise.
pub(super) const WARNING: u32 = 30;

/// The number of a level; Python has none for `TRACE`, which is below its `DEBUG`.
pub(super) fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 40,
        Level::WARN => WARNING,
        Level::INFO => 20,
        Level::DEBUG => 10,
        Level::TRACE => 5,
    }
}

/// The name of a level.
pub(super) fn name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "ERROR",
        Level::WARN => "WARNING",
        Level::INFO => "INFO",
        Level::DEBUG => "DEBUG",
        Level::TRACE => "TRACE",
    }
}

/// The severity that syslog has for a level.
pub(super) fn severity(number: u32) -> u32 {
    match number {
        50.. => 2,
        40.. => 3,
        30.. => 4,
        20.. => 6,
        _ => 7,
    }
}

/// The number that a configuration names, or why it is none.
pub(super) fn parse(value: &Value) -> Result<u32, String> {
    if let Some(number) = value.as_u64() {
        return u32::try_from(number).map_err(|_| format!("there is no level {number}"));
    }
    Ok(match value.as_str() {
        Some("CRITICAL" | "FATAL") => 50,
        Some("ERROR") => 40,
        Some("WARNING" | "WARN") => WARNING,
        Some("INFO") => 20,
        Some("DEBUG") => 10,
        Some("NOTSET") => 0,
        _ => return Err(format!("there is no level {value}; known are CRITICAL, ERROR, WARNING, INFO, DEBUG, NOTSET")),
    })
}

/// All levels whose number is at least this.
pub(super) fn filter(number: u32) -> LevelFilter {
    match number {
        0..=5 => LevelFilter::TRACE,
        6..=10 => LevelFilter::DEBUG,
        11..=20 => LevelFilter::INFO,
        21..=30 => LevelFilter::WARN,
        31..=40 => LevelFilter::ERROR,
        _ => LevelFilter::OFF,
    }
}

/// The lowest number that a filter lets pass.
pub(super) fn of_filter(filter: LevelFilter) -> u32 {
    filter.into_level().map_or(u32::MAX, number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_let_pass_what_their_number_does() {
        for level in [Level::ERROR, Level::WARN, Level::INFO, Level::DEBUG, Level::TRACE] {
            for limit in 0..60 {
                assert_eq!(level <= filter(limit), number(level) >= limit, "{level} {limit}");
            }
            assert_eq!(filter(number(level)), LevelFilter::from_level(level));
            assert_eq!(of_filter(LevelFilter::from_level(level)), number(level));
        }
    }
}
