use hat_event_types::{Timestamp, TimestampError};
use time::OffsetDateTime;

use crate::{DecodeError, Reader, Sbs, Writer};

/// Added to seconds, so that bytes are in the order of time.
const BIAS: u64 = 1 << 63;

/// The 12 bytes of a timestamp: seconds + 2^63 in 8 bytes, microseconds in 4, both big endian.
///
/// The order of the bytes is the order of time, which is why databases use them as keys. See
/// `hat.event.common.timestamp_to_bytes`.
pub fn timestamp_to_bytes(t: Timestamp) -> [u8; 12] {
    let mut bytes = [0; 12];
    let (s, us) = bytes.split_at_mut(8);
    // Adding 2^63 is flipping the top bit.
    s.copy_from_slice(&(t.s() as u64 ^ BIAS).to_be_bytes());
    us.copy_from_slice(&t.us().to_be_bytes());
    bytes
}

/// The timestamp of 12 bytes, see [`timestamp_to_bytes`].
///
/// # Errors
///
/// [`TimestampError::Microseconds`] if the last 4 bytes are not below a million.
pub fn timestamp_from_bytes(bytes: [u8; 12]) -> Result<Timestamp, TimestampError> {
    let [s @ .., us0, us1, us2, us3] = bytes;
    Timestamp::new((u64::from_be_bytes(s) ^ BIAS) as i64, u32::from_be_bytes([us0, us1, us2, us3]))
}

/// Seconds since 1970-01-01 00:00 UTC.
///
/// A double holds microseconds exactly only near 1970; at today's times it is precise to about a quarter of one.
pub fn timestamp_to_float(t: Timestamp) -> f64 {
    t.s() as f64 + f64::from(t.us()) * 1e-6
}

/// The timestamp of seconds since 1970-01-01 00:00 UTC, rounded to microseconds, halves to even.
///
/// # Errors
///
/// [`TimestampError::NotFinite`] for NaN and infinity, [`TimestampError::OutOfRange`] below −2^63 and from 2^63 on.
pub fn timestamp_from_float(s: f64) -> Result<Timestamp, TimestampError> {
    if !s.is_finite() {
        return Err(TimestampError::NotFinite(s));
    }
    let whole = s.floor();
    if !(-(2f64.powi(63))..2f64.powi(63)).contains(&whole) {
        return Err(TimestampError::OutOfRange);
    }
    match ((s - whole) * 1e6).round_ties_even() as u32 {
        // Seconds with a fraction are far below the largest, so this does not overflow.
        1_000_000 => Timestamp::new(whole as i64 + 1, 0),
        us => Timestamp::new(whole as i64, us),
    }
}

/// Date and time in UTC.
///
/// # Errors
///
/// [`TimestampError::OutOfRange`] outside of the years −9999 … 9999.
pub fn timestamp_to_datetime(t: Timestamp) -> Result<OffsetDateTime, TimestampError> {
    OffsetDateTime::from_unix_timestamp(t.s())
        .and_then(|datetime| datetime.replace_microsecond(t.us()))
        .map_err(|_| TimestampError::OutOfRange)
}

/// The timestamp of date and time at any offset from UTC, cut to microseconds.
pub fn timestamp_from_datetime(datetime: OffsetDateTime) -> Timestamp {
    // Of every date and time, microseconds are below a million.
    Timestamp::new(datetime.unix_timestamp(), datetime.microsecond()).unwrap_or_default()
}

impl Sbs for Timestamp {
    const MIN_LEN: usize = 2;

    #[inline]
    fn expected_len(&self) -> usize {
        // Within 500 years of 1970.
        5 + 3
    }

    #[inline]
    fn encode(&self, writer: &mut Writer) {
        writer.integer(self.s());
        writer.integer(self.us().into());
    }

    #[inline(always)]
    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        let s = reader.integer().map_err(|error| error.in_field("s"))?;
        let at = reader.position();
        let us = reader.integer().map_err(|error| error.in_field("us"))?;
        u32::try_from(us)
            .map_err(|_| TimestampError::Microseconds(us))
            .and_then(|us| Self::new(s, us))
            .map_err(|error| DecodeError::new(error.into(), at).in_field("us"))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn t(s: i64, us: u32) -> Timestamp {
        Timestamp::new(s, us).unwrap()
    }

    #[test]
    fn bytes_are_in_the_order_of_time() {
        let times = [Timestamp::MIN, t(-1, 0), t(-1, 999_999), t(0, 0), t(0, 1), t(1, 0), Timestamp::MAX];
        assert!(times.map(timestamp_to_bytes).is_sorted());
        for time in times {
            assert_eq!(timestamp_from_bytes(timestamp_to_bytes(time)), Ok(time));
        }
        assert_eq!(timestamp_to_bytes(t(0, 1)), [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(timestamp_from_bytes([0xFF; 12]), Err(TimestampError::Microseconds(u32::MAX.into())));
    }

    #[test]
    fn floats_round_to_microseconds_halves_to_even() {
        for (s, time) in [
            (0.0, t(0, 0)),
            (-0.0, t(0, 0)),
            (1.5, t(1, 500_000)),
            (-0.5, t(-1, 500_000)),
            (-1.0, t(-1, 0)),
            (-1e-20, t(0, 0)),
            (0.999_999_9, t(1, 0)),
            (0.000_000_5, t(0, 0)),
            (0.000_001_5, t(0, 2)),
            (-(2f64.powi(53)), t(-(1 << 53), 0)),
            (-(2f64.powi(63)), Timestamp::MIN),
            (2f64.powi(63) - 1024.0, t(i64::MAX - 1023, 0)),
        ] {
            assert_eq!(timestamp_from_float(s), Ok(time), "{s}");
        }
        for s in [2f64.powi(63), -(2f64.powi(63)) - 2048.0, f64::MAX] {
            assert_eq!(timestamp_from_float(s), Err(TimestampError::OutOfRange), "{s}");
        }
        assert!(matches!(timestamp_from_float(f64::NAN), Err(TimestampError::NotFinite(_))));
        assert_eq!(timestamp_to_float(t(-1, 500_000)), -0.5);
    }

    #[test]
    fn dates_are_exact_on_both_sides_of_1970_and_at_any_offset() {
        for (datetime, time) in [
            (datetime!(1970-01-01 00:00 UTC), t(0, 0)),
            (datetime!(1969-12-31 23:59:59 UTC), t(-1, 0)),
            (datetime!(1969-12-31 23:59:59.5 UTC), t(-1, 500_000)),
            (datetime!(2026-03-01 12:00:00.000001 +02:30), t(1_772_357_400, 1)),
            (datetime!(0001-01-01 00:00 UTC), t(-62_135_596_800, 0)),
            (datetime!(9999-12-31 23:59:59.999999 UTC), t(253_402_300_799, 999_999)),
        ] {
            assert_eq!(timestamp_from_datetime(datetime), time);
            assert_eq!(timestamp_to_datetime(time), Ok(datetime));
        }
        for time in [Timestamp::MIN, Timestamp::MAX, t(253_402_300_800, 0)] {
            assert_eq!(timestamp_to_datetime(time), Err(TimestampError::OutOfRange));
        }
    }

    #[test]
    fn microseconds_beyond_a_second_do_not_decode() {
        let error = Timestamp::from_sbs_bytes(vec![0x80, 0x3D, 0x04, 0xC0].into()).unwrap_err();
        assert_eq!(error.to_string(), "us: 1000000 microseconds are not in 0 … 999999 at byte 1");
        let error = Timestamp::from_sbs_bytes(vec![0x80, 0xFF].into()).unwrap_err();
        assert_eq!(error.to_string(), "us: -1 microseconds are not in 0 … 999999 at byte 1");
    }
}
