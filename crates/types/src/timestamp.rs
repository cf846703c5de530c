use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const US_PER_S: i128 = 1_000_000;

/// A point in time: whole seconds since 1970-01-01 00:00 UTC, and microseconds after that second.
///
/// Seconds may be negative and microseconds are always in 0 … 999,999 and count forward, so half a second before 1970
/// is `s = -1, us = 500_000`. The order of timestamps is the order of time. The default is the start of 1970.
///
/// ```
/// use hat_event_types::Timestamp;
///
/// let t = Timestamp::new(1_700_000_000, 250_000)?;
/// assert_eq!(t.add(-0.5)?, Timestamp::new(1_699_999_999, 750_000)?);
/// # Ok::<(), hat_event_types::TimestampError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    s: i64,
    us: u32,
}

/// The earliest timestamp that has a 12-byte form, [`Timestamp::MIN`] under the reference's name.
pub const MIN_TIMESTAMP: Timestamp = Timestamp::MIN;

/// The latest timestamp that has a 12-byte form, [`Timestamp::MAX`] under the reference's name.
pub const MAX_TIMESTAMP: Timestamp = Timestamp::MAX;

/// The current time, [`Timestamp::now`] under the reference's name.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Why there is no such timestamp.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// Microseconds are not in 0 … 999,999.
    #[error("{0} microseconds are not in 0 … 999999")]
    Microseconds(i64),
    /// The time lies outside of [`Timestamp::MIN`] … [`Timestamp::MAX`].
    #[error("time is outside of the range of timestamps")]
    OutOfRange,
    /// Seconds are NaN or infinite.
    #[error("{0} is no number of seconds")]
    NotFinite(f64),
}

impl Timestamp {
    /// The earliest timestamp that has a 12-byte form.
    pub const MIN: Self = Self { s: i64::MIN, us: 0 };
    /// The latest timestamp that has a 12-byte form.
    pub const MAX: Self = Self { s: i64::MAX, us: 999_999 };

    /// Makes a timestamp of seconds and microseconds.
    ///
    /// # Errors
    ///
    /// [`TimestampError::Microseconds`] unless `us` is below 1,000,000.
    pub const fn new(s: i64, us: u32) -> Result<Self, TimestampError> {
        if us < 1_000_000 { Ok(Self { s, us }) } else { Err(TimestampError::Microseconds(us as i64)) }
    }

    /// The current time of the system's clock, cut to microseconds.
    pub fn now() -> Self {
        let us = match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => i128::try_from(after.as_micros()),
            Err(before) => i128::try_from(before.duration().as_micros()).map(|us| -us),
        };
        // A clock that far from 1970 does not exist; the bound is nearer than no answer.
        us.ok().and_then(Self::from_us).unwrap_or(Self::MAX)
    }

    /// Seconds since 1970-01-01 00:00 UTC, negative before.
    pub const fn s(self) -> i64 {
        self.s
    }

    /// Microseconds after the second, 0 … 999,999.
    pub const fn us(self) -> u32 {
        self.us
    }

    /// The time that lies `s` seconds later, or earlier if negative.
    ///
    /// The fraction is rounded to microseconds, halves to even, apart from the whole seconds, as
    /// `hat.event.common.Timestamp.add` does.
    ///
    /// # Errors
    ///
    /// [`TimestampError::NotFinite`] for NaN and infinity, [`TimestampError::OutOfRange`] if the result is outside of
    /// [`Self::MIN`] … [`Self::MAX`].
    #[expect(clippy::should_implement_trait, reason = "the reference's name; the operator could not refuse")]
    pub fn add(self, s: f64) -> Result<Self, TimestampError> {
        if !s.is_finite() {
            return Err(TimestampError::NotFinite(s));
        }
        let whole = s.trunc();
        // Below a million in size, so exact.
        let us = ((s - whole) * 1e6).round_ties_even() as i128;
        // `as` saturates, and the bounds of 128 bits stay out of range in what follows.
        (whole as i128)
            .checked_add(self.s.into())
            .and_then(|s| s.checked_mul(US_PER_S))
            .and_then(|whole_us| whole_us.checked_add(us + i128::from(self.us)))
            .and_then(Self::from_us)
            .ok_or(TimestampError::OutOfRange)
    }

    /// The timestamp that lies `us` microseconds after 1970, if it is in range.
    fn from_us(us: i128) -> Option<Self> {
        let s = i64::try_from(us.div_euclid(US_PER_S)).ok()?;
        Some(Self { s, us: us.rem_euclid(US_PER_S) as u32 })
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

/// Seconds with six decimals, exact: `-0.500000` for half a second before 1970.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = i128::from(self.s) * US_PER_S + i128::from(self.us);
        let sign = if us < 0 { "-" } else { "" };
        let us = us.unsigned_abs();
        write!(f, "{sign}{}.{:06}", us / 1_000_000, us % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn t(s: i64, us: u32) -> Timestamp {
        Timestamp::new(s, us).unwrap()
    }

    #[test]
    fn microseconds_stay_below_a_million() {
        assert_eq!(Timestamp::new(0, 1_000_000), Err(TimestampError::Microseconds(1_000_000)));
        assert_eq!(Timestamp::new(i64::MAX, 999_999), Ok(Timestamp::MAX));
    }

    #[test]
    fn order_is_that_of_time() {
        assert!(t(-1, 999_999) < t(0, 0) && t(0, 0) < t(0, 1) && t(0, 1) < t(1, 0));
    }

    #[test]
    fn add_moves_by_whole_and_fractional_seconds() {
        let cases = [
            (t(0, 0), 1.5, t(1, 500_000)),
            (t(0, 0), -0.25, t(-1, 750_000)),
            (t(0, 999_999), 0.000_001, t(1, 0)),
            // Halves go to even: 0.5 µs is none, 1.5 µs are two.
            (t(0, 0), 0.000_000_5, t(0, 0)),
            (t(0, 0), 0.000_001_5, t(0, 2)),
            (Timestamp::MIN, 18_446_744_073_709_549_568.0, t(i64::MAX - 2047, 0)),
        ];
        for (from, s, to) in cases {
            assert_eq!(from.add(s), Ok(to), "{from} + {s}");
        }
    }

    #[test]
    fn add_never_wraps() {
        assert_eq!(Timestamp::MAX.add(0.000_001), Err(TimestampError::OutOfRange));
        assert_eq!(Timestamp::MIN.add(-0.000_001), Err(TimestampError::OutOfRange));
        for s in [1e19, -1e19, f64::MAX, f64::MIN] {
            assert_eq!(t(0, 0).add(s), Err(TimestampError::OutOfRange), "{s}");
        }
        for s in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(t(0, 0).add(s), Err(TimestampError::NotFinite(_))), "{s}");
        }
    }

    #[test]
    fn now_is_now() {
        let now = Timestamp::now();
        assert!(now > t(1_700_000_000, 0) && now < t(1 << 40, 0));
        assert!(Timestamp::now() >= now);
    }

    #[test]
    fn display_is_exact_on_both_sides_of_1970() {
        assert_eq!(t(-1, 500_000).to_string(), "-0.500000");
        assert_eq!(t(12, 34).to_string(), "12.000034");
        assert_eq!(Timestamp::MIN.to_string(), "-9223372036854775808.000000");
    }
}
