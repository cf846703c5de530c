use super::scan::{Check, Scanner};
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

/// Which of the open levels are objects; the others are arrays.
#[derive(Default)]
struct Levels {
    objects: [u64; MAX_JSON_DEPTH.div_ceil(64)],
    depth: usize,
}

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

    fn end(&mut self) -> Check {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err(JsonErrorKind::TrailingText) }
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
}
