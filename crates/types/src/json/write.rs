use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use super::{JsonError, finite};

/// Writes a value as the JSON text that the reference writes for it.
///
/// That is Python's `json.dumps` with its defaults: `", "` and `": "` between things, ASCII with `\uXXXX` for the rest,
/// members in their order, floats as `repr` writes them. The text is not limited in depth.
///
/// # Errors
///
/// [`JsonError::NotFinite`] for NaN and infinite numbers, [`JsonError::Value`] if the value's `Serialize` fails or a map has
/// keys that are no text.
pub fn json_text<T: Serialize + ?Sized>(value: &T) -> Result<String, JsonError> {
    finite::check(value)?;
    let mut text = Vec::with_capacity(64);
    value
        .serialize(&mut Serializer::with_formatter(&mut text, Reference))
        .map_err(|error| JsonError::Value(error.to_string()))?;
    String::from_utf8(text).map_err(|error| JsonError::Value(error.to_string()))
}

struct Reference;

impl Formatter for Reference {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(float(value).as_bytes())
    }

    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        // Python has doubles only.
        self.write_f64(writer, value.into())
    }

    /// A fragment has no quotes, backslashes or control characters below 0x20; those are escaped by `serde_json`, as
    /// Python does.
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut rest = fragment;
        while let Some(at) = rest.find(|c: char| !matches!(c, ' '..='~')) {
            let (plain, special) = rest.split_at(at);
            writer.write_all(plain.as_bytes())?;
            let mut chars = special.chars();
            if let Some(c) = chars.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        writer.write_all(rest.as_bytes())
    }
}

/// Python's `repr` of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
///
/// Where the float lies halfway between two such forms, Python takes the one with the even last digit, and so does
/// formatting with a precision; formatting without takes the other.
fn float(value: f64) -> String {
    let shortest = format!("{value:e}");
    let (digits, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let nearest = format!("{value:.fraction$e}");
    let reads_back = nearest.parse() == Ok(value);
    if (-4..16).contains(&exponent) {
        let decimals = usize::try_from(fraction as i32 - exponent).unwrap_or_default().max(1);
        let plain = if reads_back { format!("{value:.decimals$}") } else { value.to_string() };
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let (digits, _) = if reads_back { nearest.split_once('e').unwrap_or_default() } else { (digits, "") };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn text_is_that_of_python() {
        for (value, text) in [
            (json!([1, "a", null, true, {}]), r#"[1, "a", null, true, {}]"#),
            (json!({"a": [], "b": {"c": 2}}), r#"{"a": [], "b": {"c": 2}}"#),
            (json!("é€😀\u{7f}\u{1}\u{8}\"\\/\n"), r#""\u00e9\u20ac\ud83d\ude00\u007f\u0001\b\"\\/\n""#),
            (json!({"ü": 1}), r#"{"\u00fc": 1}"#),
        ] {
            assert_eq!(json_text(&value).unwrap(), text);
        }
    }

    #[test]
    fn floats_are_written_as_repr_does() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
            (9007199254740993.0, "9007199254740992.0"),
            (0.009393692016601562, "0.009393692016601562"),
            (663.9199829101562, "663.9199829101562"),
            (1.4668350219726562, "1.4668350219726562"),
            (2f64.powi(-24), "5.960464477539063e-08"),
        ] {
            assert_eq!(json_text(&value).unwrap(), text);
        }
        assert_eq!(json_text(&0.1f32).unwrap(), "0.10000000149011612");
    }

    #[test]
    fn what_has_no_json_form_is_an_error() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(json_text(&value), Err(JsonError::NotFinite(_))));
            assert!(matches!(
                json_text(&BTreeMap::from([("a", vec![Some((1, value))])])),
                Err(JsonError::NotFinite(_))
            ));
        }
        assert!(matches!(json_text(&f32::NAN), Err(JsonError::NotFinite(_))));
        assert!(matches!(json_text(&BTreeMap::from([((1, 2), 3)])), Err(JsonError::Value(_))));
    }
}
