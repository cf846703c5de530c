//! How numbers are written, in tables and beside axes.

/// What numbers are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    Seconds,
    Bytes,
}

impl Unit {
    /// With two or three digits that matter.
    pub(super) fn write(self, number: f64) -> String {
        match self {
            Self::Bytes => format!("{number:.0}"),
            Self::Seconds => {
                let (number, unit) = scaled(number);
                let decimals = if number < 9.95 { 1 } else { 0 };
                format!("{number:.decimals$} {unit}")
            }
        }
    }

    /// A round number.
    pub(super) fn write_tick(self, number: f64) -> String {
        match self {
            Self::Bytes => format!("{number}"),
            Self::Seconds => {
                let (number, unit) = scaled(number);
                format!("{} {unit}", (number * 1e6).round() / 1e6)
            }
        }
    }
}

fn scaled(seconds: f64) -> (f64, &'static str) {
    match seconds {
        s if s < 0.9995e-6 => (s * 1e9, "ns"),
        s if s < 0.9995e-3 => (s * 1e6, "µs"),
        s if s < 0.9995 => (s * 1e3, "ms"),
        s => (s, "s"),
    }
}

/// How many times more a number is than ours; marked where it is less.
pub(super) fn ratio(number: f64, ours: f64) -> String {
    let ratio = number / ours;
    let decimals = match ratio {
        ratio if ratio < 0.095 => 2,
        ratio if ratio < 9.95 => 1,
        _ => 0,
    };
    let text = format!("{ratio:.decimals$} ×");
    if ratio < 0.95 { format!("**{text}**") } else { text }
}

/// With commas between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = (0..rest.len() / 3).map(|i| &rest[i * 3..i * 3 + 3]);
    std::iter::once(head).filter(|head| !head.is_empty()).chain(groups).collect::<Vec<_>>().join(",")
}

/// Short, for an axis.
pub(super) fn count_tick(number: f64) -> String {
    match number {
        n if n >= 1e6 => format!("{}M", n / 1e6),
        n if n >= 1e4 => format!("{}k", n / 1e3),
        n => format!("{n}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_their_unit() {
        let write = |seconds| Unit::Seconds.write(seconds);
        assert_eq!(
            [3.94e-9, 28e-9, 0.99951e-6, 1.24e-6, 0.35].map(write),
            ["3.9 ns", "28 ns", "1.0 µs", "1.2 µs", "350 ms"]
        );
        let tick = |seconds| Unit::Seconds.write_tick(seconds);
        assert_eq!([1e-9, 5e-8, 2e-7, 1e-6, 1e-3, 1.0].map(tick), ["1 ns", "50 ns", "200 ns", "1 µs", "1 ms", "1 s"]);
    }

    #[test]
    fn counts_are_easy_to_read() {
        assert_eq!([0, 999, 1000, 10_000_000].map(count), ["0", "999", "1,000", "10,000,000"]);
        assert_eq!([1.0, 1e3, 1e4, 1e5, 1e6, 1e7].map(count_tick), ["1", "1000", "10k", "100k", "1M", "10M"]);
    }

    #[test]
    fn slower_is_marked() {
        assert_eq!(
            [1.0, 4.04, 9.96, 123.4, 0.42, 0.03].map(|number| ratio(number, 1.0)),
            ["1.0 ×", "4.0 ×", "10 ×", "123 ×", "**0.4 ×**", "**0.03 ×**"]
        );
    }
}
