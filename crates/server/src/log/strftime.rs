//! Dates and times as C writes them in the locale `C`, which is what Python's `time.strftime` does.

use std::fmt::Write;

use super::local::Fields;

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The first directive of a format that [`strftime`] does not know.
pub(super) fn unknown(format: &str) -> Option<String> {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c == '%' {
            match chars.next() {
                Some(c) if "aAbBcCdDeFgGhHIjklmMnpPrRSstTuUVwWxXyYzZ%".contains(c) => {}
                directive => return Some(directive.map_or("%".to_owned(), |c| format!("%{c}"))),
            }
        }
    }
    None
}

/// Writes a date and time; directives that are unknown stay as they are.
pub(super) fn strftime(format: &str, at: &Fields, out: &mut String) {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '%' { chars.next() } else { None }) {
            ('%', Some(directive)) => put(directive, at, out),
            (c, _) => out.push(c),
        }
    }
}

fn put(directive: char, at: &Fields, out: &mut String) {
    let day = DAYS.get(at.weekday as usize).copied().unwrap_or_default();
    let month = MONTHS.get((at.month as usize).saturating_sub(1)).copied().unwrap_or_default();
    let hour = match at.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if at.hour < 12 { "AM" } else { "PM" };
    let short = |name: &'static str| name.get(..3).unwrap_or(name);
    // Writing to a `String` does not fail.
    let _ = match directive {
        'a' => write!(out, "{}", short(day)),
        'A' => write!(out, "{day}"),
        'b' | 'h' => write!(out, "{}", short(month)),
        'B' => write!(out, "{month}"),
        'c' => return strftime("%a %b %e %H:%M:%S %Y", at, out),
        'C' => write!(out, "{:02}", at.year.div_euclid(100)),
        'd' => write!(out, "{:02}", at.day),
        'D' | 'x' => return strftime("%m/%d/%y", at, out),
        'e' => write!(out, "{:2}", at.day),
        'F' => return strftime("%Y-%m-%d", at, out),
        'g' => write!(out, "{:02}", iso_week(at).0.rem_euclid(100)),
        'G' => write!(out, "{}", iso_week(at).0),
        'H' => write!(out, "{:02}", at.hour),
        'I' => write!(out, "{hour:02}"),
        'j' => write!(out, "{:03}", at.yearday),
        'k' => write!(out, "{:2}", at.hour),
        'l' => write!(out, "{hour:2}"),
        'm' => write!(out, "{:02}", at.month),
        'M' => write!(out, "{:02}", at.minute),
        'n' => writeln!(out),
        'p' => write!(out, "{half}"),
        'P' => write!(out, "{}", half.to_lowercase()),
        'r' => return strftime("%I:%M:%S %p", at, out),
        'R' => return strftime("%H:%M", at, out),
        's' => write!(out, "{}", seconds(at)),
        'S' => write!(out, "{:02}", at.second),
        't' => write!(out, "\t"),
        'T' | 'X' => return strftime("%H:%M:%S", at, out),
        'u' => write!(out, "{}", (at.weekday + 6) % 7 + 1),
        'U' => write!(out, "{:02}", (at.yearday + 6 - at.weekday) / 7),
        'V' => write!(out, "{:02}", iso_week(at).1),
        'w' => write!(out, "{}", at.weekday),
        'W' => write!(out, "{:02}", (at.yearday + 6 - (at.weekday + 6) % 7) / 7),
        'y' => write!(out, "{:02}", at.year.rem_euclid(100)),
        'Y' => write!(out, "{}", at.year),
        'z' => {
            let minutes = at.offset.abs() / 60;
            let sign = if at.offset < 0 { '-' } else { '+' };
            write!(out, "{sign}{:02}{:02}", minutes / 60, minutes % 60)
        }
        'Z' => write!(out, "{}", at.zone),
        '%' => write!(out, "%"),
        other => write!(out, "%{other}"),
    };
}

/// The year and week by ISO 8601: that of the week's Thursday.
fn iso_week(at: &Fields) -> (i64, i64) {
    let thursday = i64::from(at.yearday) + 3 - i64::from((at.weekday + 6) % 7);
    let (year, day) = if thursday < 1 {
        (at.year - 1, thursday + days(at.year - 1))
    } else if thursday > days(at.year) {
        (at.year + 1, thursday - days(at.year))
    } else {
        (at.year, thursday)
    };
    (year, (day - 1) / 7 + 1)
}

fn days(year: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if leap { 366 } else { 365 }
}

/// Seconds since 1970 in UTC.
fn seconds(at: &Fields) -> i64 {
    let before = at.year - 1;
    let days = before * 365 + before / 4 - before / 100 + before / 400 + i64::from(at.yearday) - 1 - 719_162;
    ((days * 24 + i64::from(at.hour)) * 60 + i64::from(at.minute)) * 60 + i64::from(at.second) - at.offset
}
