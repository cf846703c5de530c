use granit_parser::Tag;
use serde_json::Value;

use super::number;

/// What a scalar stands for.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar {
    Value(Value),
    /// `<<`, the key of mappings to merge.
    Merge,
    /// `=`, which is text as a key and nothing elsewhere.
    Equals,
}

/// What a scalar stands for: what its tag says, and without one, by its form, if it is plain, and text if not.
pub(super) fn read(text: &str, plain: bool, tag: Option<&Tag>) -> Result<Scalar, String> {
    let tag = match tag {
        None if plain => return resolve(text),
        None => "str",
        // Whatever the style.
        Some(tag) if says_nothing(tag) => return resolve(text),
        Some(tag) => tag.core_suffix().ok_or_else(|| no_tag(tag))?,
    };
    match (tag, resolve(text)) {
        ("str", _) => Ok(Scalar::Value(text.into())),
        ("null", _) => Ok(Scalar::Value(Value::Null)),
        ("bool", Ok(value @ Scalar::Value(Value::Bool(_)))) => Ok(value),
        ("int", Ok(Scalar::Value(Value::Number(number)))) if !number.is_f64() => Ok(Scalar::Value(number.into())),
        ("float", Ok(Scalar::Value(Value::Number(number)))) => Ok(Scalar::Value(number.as_f64().into())),
        ("bool" | "int" | "float", Err(what)) => Err(what),
        _ => Err(format!("{text:?} is no !!{tag}")),
    }
}

/// Whether a tag is `!`, which stands for none.
pub(super) fn says_nothing(tag: &Tag) -> bool {
    tag.original() == "!"
}

pub(super) fn no_tag(tag: &Tag) -> String {
    format!("the tag {} means nothing here", tag.original())
}

/// What plain text stands for in YAML 1.1 (yaml.org/type), as `yaml.resolver` of PyYAML has it: `y` and `n` are text, and
/// of the forms of floats only those that have a point, and a sign in their exponent.
fn resolve(text: &str) -> Result<Scalar, String> {
    let value = match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => true.into(),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => false.into(),
        "<<" => return Ok(Scalar::Merge),
        "=" => return Ok(Scalar::Equals),
        _ if is_date(text) => return Err(format!("{text} is a date in YAML; quote it")),
        _ => match number::read(text) {
            Some(number) => number.map_err(|what| format!("{text} is {what}; quote it if it is text"))?.into(),
            None => text.into(),
        },
    };
    Ok(Scalar::Value(value))
}

/// Whether text is a date, or a date and time with or without a zone.
fn is_date(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ', '\t']) {
        None => (text, None),
        Some(at) => {
            let (date, time) = text.split_at(at);
            // One letter, or blanks.
            (date, time.strip_prefix(['T', 't']).or_else(|| Some(time.trim_start_matches([' ', '\t']))))
        }
    };
    match time {
        None => digits(date, "-", &[4..=4, 2..=2, 2..=2]),
        Some(time) => digits(date, "-", &[4..=4, 1..=2, 1..=2]) && is_time(time),
    }
}

fn is_time(text: &str) -> bool {
    let (time, rest) = text.split_at(text.find(|c: char| c != ':' && !c.is_ascii_digit()).unwrap_or(text.len()));
    let rest =
        rest.strip_prefix('.').map_or(rest, |fraction| fraction.trim_start_matches(|c: char| c.is_ascii_digit()));
    let zone = rest.trim_start_matches([' ', '\t']);
    let offset = |text: &str| digits(text, ":", &[1..=2]) || digits(text, ":", &[1..=2, 2..=2]);
    digits(time, ":", &[1..=2, 2..=2, 2..=2])
        && (rest.is_empty() || zone == "Z" || zone.strip_prefix(['-', '+']).is_some_and(offset))
}

/// Whether text is groups of so many digits each.
fn digits(text: &str, separator: &str, groups: &[std::ops::RangeInclusive<usize>]) -> bool {
    text.split(separator).count() == groups.len()
        && text
            .split(separator)
            .zip(groups)
            .all(|(group, len)| len.contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit()))
}
