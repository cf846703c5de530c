//! Local time, as the system and the variable `TZ` say.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

/// The fields of a date and time, with the names that C gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: u32,
    pub(super) day: u32,
    pub(super) hour: u32,
    pub(super) minute: u32,
    pub(super) second: u32,
    /// From 0 for Sunday.
    pub(super) weekday: u32,
    /// From 1.
    pub(super) yearday: u32,
    /// From UTC, in seconds.
    pub(super) offset: i64,
    pub(super) dst: bool,
    pub(super) zone: String,
}

/// Where the clocks are.
#[derive(Clone, Debug)]
pub(super) struct Zone(TimeZone);

impl Zone {
    pub(super) fn local() -> Self {
        Self(TimeZone::system())
    }

    pub(super) fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// A point in time, as the clocks there show it; what no calendar has is shown as its beginning.
    pub(super) fn fields(&self, since_1970: Duration) -> Fields {
        let at =
            i64::try_from(since_1970.as_secs()).ok().and_then(|s| Timestamp::from_second(s).ok()).unwrap_or_default();
        let info = self.0.to_offset_info(at);
        let local = info.offset().to_datetime(at);
        Fields {
            year: local.year().into(),
            month: positive(local.month()),
            day: positive(local.day()),
            hour: positive(local.hour()),
            minute: positive(local.minute()),
            second: positive(local.second()),
            weekday: match local.weekday() {
                Weekday::Sunday => 0,
                day => positive(day.to_monday_one_offset()),
            },
            yearday: u32::try_from(local.day_of_year()).unwrap_or(1),
            offset: info.offset().seconds().into(),
            dst: info.dst().is_dst(),
            zone: info.abbreviation().to_owned(),
        }
    }

    #[cfg(test)]
    pub(super) fn posix(rules: &str) -> Self {
        Self(TimeZone::posix(rules).unwrap())
    }
}

fn positive(number: i8) -> u32 {
    number.unsigned_abs().into()
}
