use std::fmt;
use std::time::Duration;

use serde::Serialize;

/// How long requests take: so many of a hundred take at most that many microseconds.
#[derive(Debug, Default, PartialEq, Serialize)]
pub(super) struct Percentiles {
    p50: f64,
    p90: f64,
    p99: f64,
    #[serde(rename = "p99.9")]
    p99_9: f64,
    max: f64,
}

impl Percentiles {
    pub(super) fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        // The smallest time that so many of a thousand do not exceed.
        let at = |per_mille: usize| {
            let rank = (times.len() * per_mille).div_ceil(1000).max(1);
            times.get(rank - 1).map_or(0.0, |time| time.as_nanos() as f64 / 1e3)
        };
        Self { p50: at(500), p90: at(900), p99: at(990), p99_9: at(999), max: at(1000) }
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { p50, p90, p99, p99_9, max } = self;
        write!(f, "p50 {p50:.1} µs, p90 {p90:.1} µs, p99 {p99:.1} µs, p99.9 {p99_9:.1} µs, at most {max:.1} µs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let times = (1..=1000).rev().map(Duration::from_micros).collect();
        let expected = Percentiles { p50: 500.0, p90: 900.0, p99: 990.0, p99_9: 999.0, max: 1000.0 };
        assert_eq!(Percentiles::of(times), expected);
        assert_eq!(Percentiles::of(vec![Duration::from_micros(7)]).p50, 7.0);
        assert_eq!(Percentiles::of(vec![]), Percentiles::default());
    }
}
