//! Plain text as readers of YAML 1.2 take it, to tell where they and PyYAML differ.

use serde_json::{Number, Value};

/// How a reader of YAML 1.2 takes plain text that stands for a value here, if it takes it differently.
///
/// Its rules are those of the core schema (YAML 1.2.2, 10.3.2).
pub(super) fn differs(text: &str, value: &Value) -> Option<String> {
    let theirs = read(text);
    if theirs.as_ref() == Some(value) {
        return None;
    }
    let told = |value: Option<&Value>| match value {
        None => "a number that JSON does not have".to_owned(),
        Some(Value::String(_)) => "text".to_owned(),
        Some(value) => value.to_string(),
    };
    let quote = if value.is_string() { "; quote it if it is text" } else { "" };
    let (ours, theirs) = (told(Some(value)), told(theirs.as_ref()));
    Some(format!("{text} is {ours} here, and {theirs} to a reader of YAML 1.2{quote}"))
}

/// What plain text stands for; `None` if it is a number that JSON does not have.
fn read(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Value::Null),
        "true" | "True" | "TRUE" => return Some(true.into()),
        "false" | "False" | "FALSE" => return Some(false.into()),
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let magnitude = |digits: &str, radix| (is_all(digits, radix)).then(|| i128::from_str_radix(digits, radix).ok());
    let with_prefix = text.strip_prefix("0o").and_then(|digits| magnitude(digits, 8));
    let with_prefix = with_prefix.or_else(|| text.strip_prefix("0x").and_then(|digits| magnitude(digits, 16)));
    let integer = with_prefix.or_else(|| magnitude(unsigned, 10).map(|_| text.parse().ok()));
    match integer {
        Some(number) => number.and_then(|number: i128| {
            Number::from_i128(number).or_else(|| Number::from_f64(number as f64)).map(Value::from)
        }),
        None if is_float(unsigned) => text.parse().ok().and_then(Number::from_f64).map(Value::from),
        None if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") => None,
        None => Some(text.into()),
    }
}

/// `1.5`, `1.`, `.5` or `1`, and an exponent with or without a sign.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits(whole)
        && digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent.is_none_or(|exponent| is_all(exponent.strip_prefix(['-', '+']).unwrap_or(exponent), 10))
}

fn is_all(digits: &str, radix: u32) -> bool {
    !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_read_differently_is_told() {
        for (text, value, told) in [
            ("yes", json!(true), "yes is true here, and text to a reader of YAML 1.2"),
            ("Off", json!(false), "Off is false here, and text to a reader of YAML 1.2"),
            ("017", json!(15), "017 is 15 here, and 17 to a reader of YAML 1.2"),
            ("08", json!("08"), "08 is text here, and 8 to a reader of YAML 1.2; quote it if it is text"),
            ("0o17", json!("0o17"), "0o17 is text here, and 15 to a reader of YAML 1.2; quote it if it is text"),
            ("1:30", json!(90), "1:30 is 90 here, and text to a reader of YAML 1.2"),
            ("1_000", json!(1000), "1_000 is 1000 here, and text to a reader of YAML 1.2"),
            ("0b11", json!(3), "0b11 is 3 here, and text to a reader of YAML 1.2"),
            ("1e3", json!("1e3"), "1e3 is text here, and 1000.0 to a reader of YAML 1.2; quote it if it is text"),
            ("-.5", json!("-.5"), "-.5 is text here, and -0.5 to a reader of YAML 1.2; quote it if it is text"),
            (
                "1e400",
                json!("1e400"),
                "1e400 is text here, and a number that JSON does not have to a reader of YAML 1.2; quote it if it is text",
            ),
        ] {
            assert_eq!(differs(text, &value).as_deref(), Some(told));
        }
    }

    #[test]
    fn most_is_read_the_same() {
        for (text, value) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("true", json!(true)),
            ("FALSE", json!(false)),
            ("0", json!(0)),
            ("+12", json!(12)),
            ("-7", json!(-7)),
            ("0x1F", json!(31)),
            ("18446744073709551615", json!(u64::MAX)),
            ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-1.5E-3", json!(-0.0015)),
            ("1.5e+3", json!(1500.0)),
        ] {
            assert_eq!(differs(text, &value), None, "{text}");
        }
        for text in ["y", "n", "tRue", "127.0.0.1", "a", "*", "1e", "e5", ".", "-", "0x", "0o8", "0b2", "1.2.3", "::1"]
        {
            assert_eq!(differs(text, &text.into()), None, "{text}");
        }
    }
}
