use super::{JsonError, JsonErrorKind};

/// How deep arrays and objects may be nested.
///
/// Python's parser gives up a little below its limit of 1,000 recursions, depending on how deep its caller is; what is accepted
/// here, every peer can decode.
pub const MAX_JSON_DEPTH: usize = 900;

/// Checks that text is a JSON value that the reference decodes and can encode again.
///
/// Accepted is JSON as of RFC 8259: with repeated names, integers of any length, and escapes of lone surrogates
/// (`"\ud800"`). Not accepted are `NaN` and `Infinity`, and numbers with a fraction or an exponent that overflow a
/// double (`1e400`): the reference decodes them and then fails to encode them.
///
/// Takes time in proportion to the text and no memory, however deep the text is nested.
///
/// # Errors
///
/// [`JsonError::Text`] with what is wrong, and where.
pub fn check_json(text: &str) -> Result<(), JsonError> {
    let mut scanner = Scanner { text, rest: text.as_bytes() };
    scanner.document().map_err(|kind| JsonError::Text { kind, position: text.len() - scanner.rest.len() })
}

/// Looks at text from front to end; `rest` is what was not looked at yet.
struct Scanner<'a> {
    text: &'a str,
    rest: &'a [u8],
}

/// Which of the open levels are objects; the others are arrays.
#[derive(Default)]
struct Levels {
    objects: [u64; MAX_JSON_DEPTH.div_ceil(64)],
    depth: usize,
}

type Check = Result<(), JsonErrorKind>;

impl Scanner<'_> {
    fn document(&mut self) -> Check {
        let mut levels = Levels::default();
        loop {
            if self.value(&mut levels)? {
                continue;
            }
            // A value has ended, and with it maybe what it stands in.
            while levels.depth > 0 {
                self.skip_space();
                let object = levels.in_object();
                match self.rest.first() {
                    Some(b',') => {
                        self.advance(1);
                        if object {
                            self.name()?;
                        }
                        break;
                    }
                    Some(b'}') if object => levels.depth -= 1,
                    Some(b']') if !object => levels.depth -= 1,
                    None => return Err(JsonErrorKind::UnexpectedEnd),
                    Some(_) if object => return Err(JsonErrorKind::ExpectedCommaOrBrace),
                    Some(_) => return Err(JsonErrorKind::ExpectedCommaOrBracket),
                }
                self.advance(1);
                if levels.depth == 0 {
                    return self.end();
                }
            }
            if levels.depth == 0 {
                return self.end();
            }
        }
    }

    /// Passes a scalar, an empty array or object (false), or what opens one up to its first value (true).
    fn value(&mut self, levels: &mut Levels) -> Result<bool, JsonErrorKind> {
        self.skip_space();
        match *self.rest.first().ok_or(JsonErrorKind::UnexpectedEnd)? {
            b'"' => self.string()?,
            b'-' | b'0'..=b'9' => self.number()?,
            b'{' => return self.open(levels, true),
            b'[' => return self.open(levels, false),
            b't' => self.literal(b"true")?,
            b'f' => self.literal(b"false")?,
            b'n' => self.literal(b"null")?,
            _ => return Err(JsonErrorKind::ExpectedValue),
        }
        Ok(false)
    }

    fn open(&mut self, levels: &mut Levels, object: bool) -> Result<bool, JsonErrorKind> {
        levels.open(object)?;
        self.advance(1);
        self.skip_space();
        let closing = if object { b'}' } else { b']' };
        if self.rest.first() == Some(&closing) {
            self.advance(1);
            levels.depth -= 1;
            return Ok(false);
        }
        if object {
            self.name()?;
        }
        Ok(true)
    }

    /// Passes the name of a member and its colon.
    fn name(&mut self) -> Check {
        self.skip_space();
        match self.rest.first() {
            Some(b'"') => self.string()?,
            Some(_) => return Err(JsonErrorKind::ExpectedName),
            None => return Err(JsonErrorKind::UnexpectedEnd),
        }
        self.skip_space();
        match self.rest.first() {
            Some(b':') => self.advance(1),
            Some(_) => return Err(JsonErrorKind::ExpectedColon),
            None => return Err(JsonErrorKind::UnexpectedEnd),
        }
        Ok(())
    }

    fn string(&mut self) -> Check {
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

    fn number(&mut self) -> Check {
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

    fn literal(&mut self, literal: &[u8]) -> Check {
        if !self.rest.starts_with(literal) {
            let cut_off = literal.starts_with(self.rest);
            return Err(if cut_off { JsonErrorKind::UnexpectedEnd } else { JsonErrorKind::ExpectedValue });
        }
        self.advance(literal.len());
        Ok(())
    }

    fn end(&mut self) -> Check {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err(JsonErrorKind::TrailingText) }
    }

    #[inline]
    fn skip_space(&mut self) {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
    }

    #[inline]
    fn advance(&mut self, count: usize) {
        self.rest = self.rest.get(count..).unwrap_or_default();
    }

    fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }
}

impl Levels {
    fn open(&mut self, object: bool) -> Check {
        if self.depth == MAX_JSON_DEPTH {
            return Err(JsonErrorKind::TooDeep);
        }
        if let Some(bits) = self.objects.get_mut(self.depth / 64) {
            let bit = 1 << (self.depth % 64);
            *bits = if object { *bits | bit } else { *bits & !bit };
        }
        self.depth += 1;
        Ok(())
    }

    fn in_object(&self) -> bool {
        let level = self.depth - 1;
        self.objects.get(level / 64).is_some_and(|bits| bits >> (level % 64) & 1 == 1)
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
    fn accepts_json_and_what_the_reference_can_repeat() {
        let deep = "[".repeat(MAX_JSON_DEPTH) + &"]".repeat(MAX_JSON_DEPTH);
        let long = "1".repeat(5000);
        for text in [
            "null",
            "true",
            "false",
            "0",
            "-0",
            "12",
            "-1.5e-3",
            "1E+5",
            "\"\"",
            "[]",
            "{}",
            " [ ] ",
            "\t{\n}\r",
            r#"{"a":1,"a":[2,{"b":null}],"":""}"#,
            r#"["\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"]"#,
            "\"\u{7f}é😀\"",
            r#""\ud800""#,
            r#""\udc00\ud800""#,
            "1e308",
            "0e999999999999",
            "1e-999999",
            "[[],{},[{}]]",
            &deep,
            &long,
        ] {
            assert_eq!(check_json(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn tells_what_is_wrong_and_where() {
        use JsonErrorKind::*;
        let deep = "[".repeat(MAX_JSON_DEPTH + 1);
        let long = "1".repeat(310) + ".0";
        for (text, kind, position) in [
            ("", UnexpectedEnd, 0),
            ("  ", UnexpectedEnd, 2),
            ("[", UnexpectedEnd, 1),
            ("{", UnexpectedEnd, 1),
            ("{\"a\"", UnexpectedEnd, 4),
            ("{\"a\":", UnexpectedEnd, 5),
            ("[1", UnexpectedEnd, 2),
            ("\"ab", UnexpectedEnd, 3),
            ("\"\\u12", UnexpectedEnd, 1),
            ("tru", UnexpectedEnd, 0),
            ("-", UnexpectedEnd, 1),
            ("NaN", ExpectedValue, 0),
            ("Infinity", ExpectedValue, 0),
            ("-Infinity", ExpectedDigit, 1),
            ("[1,]", ExpectedValue, 3),
            ("\u{feff}1", ExpectedValue, 0),
            ("'a'", ExpectedValue, 0),
            ("{a:1}", ExpectedName, 1),
            ("{\"a\":1,}", ExpectedName, 7),
            ("{\"a\" 1}", ExpectedColon, 5),
            ("[1 2]", ExpectedCommaOrBracket, 3),
            ("[1}", ExpectedCommaOrBracket, 2),
            ("{\"a\":1]", ExpectedCommaOrBrace, 6),
            ("1.", UnexpectedEnd, 2),
            ("1.x", ExpectedDigit, 2),
            ("1e", UnexpectedEnd, 2),
            ("+1", ExpectedValue, 0),
            ("01", TrailingText, 1),
            ("1 2", TrailingText, 2),
            ("[]]", TrailingText, 2),
            ("\"a\nb\"", ControlCharacter, 2),
            ("\"01234567\u{1f}\"", ControlCharacter, 9),
            ("\"\\x\"", InvalidEscape, 1),
            ("\"\\u12g4\"", InvalidEscape, 1),
            ("[1e400]", NumberOverflow, 1),
            ("-1e309", NumberOverflow, 0),
            (&long, NumberOverflow, 0),
            (&deep, TooDeep, MAX_JSON_DEPTH),
        ] {
            assert_eq!(check_json(text), Err(JsonError::Text { kind, position }), "{text}");
        }
    }

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
