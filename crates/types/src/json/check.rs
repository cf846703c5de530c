use super::JsonErrorKind::{
    ExpectedColon, ExpectedCommaOrBrace, ExpectedCommaOrBracket, ExpectedName, ExpectedValue, TooDeep, TrailingText,
};
use super::scan::{Fault, literal, number, skip_space, string, unexpected};
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
    document(text).map_err(|(kind, position)| JsonError::Text { kind, position })
}

fn document(text: &str) -> Result<(), Fault> {
    let mut levels = Levels::default();
    let mut next;
    let mut at = 0;
    loop {
        if levels.innermost == Some(true) {
            at = name(text, at)?;
        }
        (next, at) = skip_space(text, at);
        at = match next {
            b'"' => string(text, at)?,
            b'-' | b'0'..=b'9' => number(text, at)?,
            b'{' | b'[' => {
                let object = next == b'{';
                levels.open(object).map_err(|kind| (kind, at))?;
                (next, at) = skip_space(text, at + 1);
                if next != if object { b'}' } else { b']' } {
                    continue;
                }
                levels.close();
                at + 1
            }
            b't' => literal(text, at, b"true")?,
            b'f' => literal(text, at, b"false")?,
            b'n' => literal(text, at, b"null")?,
            _ => return Err(unexpected(text, at, ExpectedValue)),
        };
        // A value has ended, and with it maybe what it stands in.
        loop {
            (next, at) = skip_space(text, at);
            let Some(object) = levels.innermost else {
                return if at == text.len() { Ok(()) } else { Err((TrailingText, at)) };
            };
            at += 1;
            match next {
                b',' => break,
                b'}' if object => levels.close(),
                b']' if !object => levels.close(),
                _ if object => return Err(unexpected(text, at - 1, ExpectedCommaOrBrace)),
                _ => return Err(unexpected(text, at - 1, ExpectedCommaOrBracket)),
            }
        }
    }
}

/// Passes the name of a member and its colon.
#[inline(always)]
fn name(text: &str, at: usize) -> Result<usize, Fault> {
    let (next, at) = skip_space(text, at);
    if next != b'"' {
        return Err(unexpected(text, at, ExpectedName));
    }
    let (next, at) = skip_space(text, string(text, at)?);
    if next != b':' {
        return Err(unexpected(text, at, ExpectedColon));
    }
    Ok(at + 1)
}

/// Which of the open levels are objects; the others are arrays.
#[derive(Default)]
struct Levels {
    /// Whether the innermost level is an object, if any level is open.
    innermost: Option<bool>,
    /// Those around it, one bit each.
    outer: [u64; MAX_JSON_DEPTH.div_ceil(64)],
    depth: usize,
}

impl Levels {
    #[inline]
    fn open(&mut self, object: bool) -> Result<(), JsonErrorKind> {
        if self.depth == MAX_JSON_DEPTH {
            return Err(TooDeep);
        }
        if let Some(bits) = self.outer.get_mut(self.depth / 64) {
            let bit = 1 << (self.depth % 64);
            *bits = if self.innermost == Some(true) { *bits | bit } else { *bits & !bit };
        }
        self.innermost = Some(object);
        self.depth += 1;
        Ok(())
    }

    #[inline]
    fn close(&mut self) {
        self.depth -= 1;
        let around = self.outer.get(self.depth / 64).is_some_and(|bits| bits >> (self.depth % 64) & 1 == 1);
        self.innermost = (self.depth > 0).then_some(around);
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
