//! Axes: where a number is on one, and which numbers are written beside it.

/// An axis.
#[derive(Debug)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    is_log: bool,
}

impl Scale {
    /// On which equal ratios are equally far from each other. The numbers are positive.
    ///
    /// It has a tick for each power of ten, or for 1, 2 and 5 times each where there are few.
    pub(super) fn log(numbers: impl Iterator<Item = f64> + Clone) -> Self {
        let (low, high) = (numbers.clone().fold(f64::MAX, f64::min), numbers.fold(f64::MIN_POSITIVE, f64::max));
        let digits: &[f64] = if high / low > 3000.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        let exponents = low.log10().floor() as i32..=high.log10().ceil() as i32;
        let all = exponents.flat_map(|exponent| digits.iter().map(move |digit| decimal(*digit, exponent)));
        let mut ticks: Vec<f64> = Vec::new();
        for tick in all {
            // The last one at or below the lowest number begins, the first one at or above the highest ends.
            if tick <= low * 1.0001 {
                ticks.clear();
            }
            if ticks.last().is_none_or(|last| *last < high * 0.9999) {
                ticks.push(tick);
            }
        }
        Self::over(ticks, true)
    }

    /// The axis without what is below the lowest number or above the highest.
    pub(super) fn cut(mut self, numbers: impl Iterator<Item = f64> + Clone) -> Self {
        self.from = numbers.clone().fold(self.to, f64::min);
        self.to = numbers.fold(self.from, f64::max);
        self.ticks.retain(|tick| (self.from * 0.9999..=self.to * 1.0001).contains(tick));
        self
    }

    fn over(ticks: Vec<f64>, is_log: bool) -> Self {
        let (from, to) = (ticks.first().copied(), ticks.last().copied());
        Self { from: from.unwrap_or(1.0), to: to.unwrap_or(1.0), ticks, is_log }
    }

    /// From zero on.
    pub(super) fn linear(numbers: impl Iterator<Item = f64>) -> Self {
        let high = numbers.fold(f64::MIN_POSITIVE, f64::max);
        let exponent = high.log10().floor() as i32;
        let steps = [(1.0, exponent - 1), (2.0, exponent - 1), (5.0, exponent - 1), (1.0, exponent), (2.0, exponent)];
        let step = steps.map(|(digit, exponent)| decimal(digit, exponent)).into_iter().find(|step| high / step <= 6.0);
        let step = step.unwrap_or(high);
        let count = (high / step).ceil() as u32;
        Self::over((0..=count).map(|i| f64::from(i) * step).collect(), false)
    }

    pub(super) fn ticks(&self) -> &[f64] {
        &self.ticks
    }

    /// Where a number is: 0 at the beginning, 1 at the end.
    pub(super) fn place(&self, number: f64) -> f64 {
        let value = |number: f64| if self.is_log { number.log10() } else { number };
        let (first, last) = (value(self.from), value(self.to));
        if last > first { (value(number) - first) / (last - first) } else { 0.5 }
    }
}

/// The double that is nearest to the decimal number, which products of powers of ten often miss.
fn decimal(digit: f64, exponent: i32) -> f64 {
    if exponent < 0 { digit / 10f64.powi(-exponent) } else { digit * 10f64.powi(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(numbers: &[f64]) -> Scale {
        Scale::log(numbers.iter().copied())
    }

    #[test]
    fn many_powers_of_ten_have_a_tick_each() {
        let scale = log(&[1e3, 3e4, 1e7]);
        assert_eq!(scale.ticks(), [1e3, 1e4, 1e5, 1e6, 1e7]);
        assert_eq!([1e3, 1e5, 1e7].map(|number| scale.place(number)), [0.0, 0.5, 1.0]);
        assert_eq!(log(&[3e-8, 4e-4]).ticks(), [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3]);
    }

    #[test]
    fn few_have_more() {
        assert_eq!(log(&[1.0, 64.0]).ticks(), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]);
        assert_eq!(log(&[2.1e-7, 4e-7]).ticks(), [2e-7, 5e-7]);
        assert_eq!(log(&[2e-7, 5e-7]).ticks(), [2e-7, 5e-7]);
    }

    #[test]
    fn an_axis_is_cut_to_its_numbers() {
        let numbers = [1.0, 8.0, 64.0].into_iter();
        let scale = Scale::log(numbers.clone()).cut(numbers);
        assert_eq!(scale.ticks(), [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
        assert!([1.0, 8.0, 64.0].map(|number| scale.place(number)) == [0.0, 0.5, 1.0]);
    }

    #[test]
    fn one_number_is_drawn_too() {
        assert_eq!(log(&[7.0]).ticks(), [5.0, 10.0]);
        let scale = log(&[10.0]);
        assert_eq!((scale.ticks(), scale.place(10.0)), (&[10.0][..], 0.5));
    }

    #[test]
    fn linear_axes_begin_at_zero_and_have_round_steps() {
        for (high, step, count) in
            [(1100.0, 200.0, 6), (180.0, 50.0, 4), (100.0, 20.0, 5), (7.0, 2.0, 4), (0.3, 0.05, 6)]
        {
            let scale = Scale::linear([high / 3.0, high].into_iter());
            let wanted: Vec<f64> = (0..=count).map(|i| f64::from(i) * step).collect();
            assert_eq!(scale.ticks(), wanted, "{high}");
        }
        let scale = Scale::linear([100.0].into_iter());
        assert_eq!([0.0, 50.0, 100.0].map(|number| scale.place(number)), [0.0, 0.5, 1.0]);
    }
}
