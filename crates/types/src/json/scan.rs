//! The parts of JSON text that do not nest: strings, numbers, literals and space.

use super::JsonErrorKind;

/// Looks at text from front to end; `rest` is what was not looked at yet.
pub(super) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) rest: &'a [u8],
}

pub(super) type Check = Result<(), JsonErrorKind>;

impl Scanner<'_> {
    /// Passes a string, from its opening quote on.
    pub(super) fn string(&mut self) -> Check {
        self.advance(1);
        loop {
            while let Some(chunk) = self.rest.first_chunk::<8>() {
                let plain = plain_bytes(u64::from_le_bytes(*chunk));
                self.advance(plain);
                if plain < 8 {
                    break;
                }
            }
            match *self.rest.first().ok_or(JsonErrorKind::UnexpectedEnd)? {
                b'"' => {
                    self.advance(1);
                    return Ok(());
                }
                b'\\' => self.escape()?,
                0..0x20 => return Err(JsonErrorKind::ControlCharacter),
                _ => self.advance(1),
            }
        }
    }

    fn escape(&mut self) -> Check {
        match *self.rest.get(1).ok_or(JsonErrorKind::UnexpectedEnd)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.advance(2),
            b'u' => {
                let digits = self.rest.get(2..6).ok_or(JsonErrorKind::UnexpectedEnd)?;
                if !digits.iter().all(u8::is_ascii_hexdigit) {
                    return Err(JsonErrorKind::InvalidEscape);
                }
                self.advance(6);
            }
            _ => return Err(JsonErrorKind::InvalidEscape),
        }
        Ok(())
    }

    /// Passes a number.
    pub(super) fn number(&mut self) -> Check {
        let start = self.position();
        let number = self.rest;
        if self.rest.first() == Some(&b'-') {
            self.advance(1);
        }
        let mut whole_digits = 1;
        if self.rest.first() == Some(&b'0') {
            self.advance(1);
        } else {
            whole_digits = self.digits()?;
        }
        let mut overflow_possible = false;
        if self.rest.first() == Some(&b'.') {
            self.advance(1);
            self.digits()?;
            overflow_possible = whole_digits > f64::MAX_10_EXP as usize;
        }
        if let Some(b'e' | b'E') = self.rest.first() {
            self.advance(1);
            if let Some(b'+' | b'-') = self.rest.first() {
                self.advance(1);
            }
            self.digits()?;
            overflow_possible = true;
        }
        if overflow_possible {
            let end = self.position();
            let value = self.text.get(start..end).and_then(|number| number.parse::<f64>().ok());
            if !value.is_some_and(f64::is_finite) {
                self.rest = number;
                return Err(JsonErrorKind::NumberOverflow);
            }
        }
        Ok(())
    }

    /// Passes one digit or more, and counts them.
    fn digits(&mut self) -> Result<usize, JsonErrorKind> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.advance(count);
        match count {
            0 if self.rest.is_empty() => Err(JsonErrorKind::UnexpectedEnd),
            0 => Err(JsonErrorKind::ExpectedDigit),
            _ => Ok(count),
        }
    }

    /// Passes `true`, `false` or `null`.
    pub(super) fn literal(&mut self, literal: &[u8]) -> Check {
        if !self.rest.starts_with(literal) {
            let cut_off = literal.starts_with(self.rest);
            return Err(if cut_off { JsonErrorKind::UnexpectedEnd } else { JsonErrorKind::ExpectedValue });
        }
        self.advance(literal.len());
        Ok(())
    }

    #[inline]
    pub(super) fn skip_space(&mut self) {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }

    #[inline]
    pub(super) fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }
}

/// How many of eight bytes, from the lowest, are neither `"`, nor `\`, nor control characters.
#[inline]
fn plain_bytes(bytes: u64) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const TOPS: u64 = u64::from_ne_bytes([0x80; 8]);
    // The lowest byte that is zero gets its top bit, and none below it; see "Bit Twiddling Hacks", haszero and hasless.
    let zeros = |x: u64| x.wrapping_sub(ONES) & !x & TOPS;
    let special = zeros(bytes ^ (ONES * u64::from(b'"')))
        | zeros(bytes ^ (ONES * u64::from(b'\\')))
        | (bytes.wrapping_sub(ONES * 0x20) & !bytes & TOPS);
    (special.trailing_zeros() / 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_ends_a_run_of_plain_bytes_or_not() {
        for byte in 0..=255u8 {
            let special = byte < 0x20 || byte == b'"' || byte == b'\\';
            for at in 0..8 {
                let mut bytes = [b'a'; 8];
                bytes[at] = byte;
                assert_eq!(plain_bytes(u64::from_le_bytes(bytes)), if special { at } else { 8 }, "{byte} at {at}");
            }
        }
    }
}
