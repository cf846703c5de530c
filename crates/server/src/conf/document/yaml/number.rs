use serde_json::Number;

const TOO_LARGE: &str = "too large a number";

/// The number that text is by the rules of YAML 1.1, or what kind of number it is that JSON does not have.
pub(super) fn read(text: &str) -> Option<Result<Number, &'static str>> {
    let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(unsigned) => (text.starts_with('-'), unsigned),
        None => (false, text),
    };
    if let Some(magnitude) = integer(unsigned) {
        return Some(magnitude.and_then(|magnitude| signed(negative, magnitude)));
    }
    // `.5` and `.nan` have no sign.
    if unsigned.len() < text.len() && unsigned.starts_with('.') && !is_infinite(unsigned) {
        return None;
    }
    let value = float(unsigned)?;
    Some(Number::from_f64(if negative { -value } else { value }).ok_or("a number that JSON does not have"))
}

fn signed(negative: bool, magnitude: u128) -> Result<Number, &'static str> {
    let value = i128::try_from(magnitude).map_err(|_| TOO_LARGE)?;
    let value = if negative { -value } else { value };
    // A float if beyond 64 bits, as serde_json reads JSON.
    Number::from_i128(value).or_else(|| Number::from_f64(value as f64)).ok_or(TOO_LARGE)
}

/// Binary, octal, hexadecimal, decimal and sexagesimal integers.
fn integer(text: &str) -> Option<Result<u128, &'static str>> {
    let value = if let Some(digits) = text.strip_prefix("0b") {
        with_prefix(digits, 2)?
    } else if let Some(digits) = text.strip_prefix("0x") {
        with_prefix(digits, 16)?
    } else if text.len() > 1 && text.starts_with('0') {
        magnitude(text, 8)?
    } else {
        let mut groups = text.split(':');
        let first = groups.next().filter(|group| begins_with_digit(group))?;
        let mut value = magnitude(first, 10)?;
        for group in groups {
            let group = below_sixty(group)?;
            value = value.and_then(|value| append(value, 60, group.into()));
        }
        value
    };
    Some(value)
}

fn with_prefix(digits: &str, radix: u32) -> Option<Result<u128, &'static str>> {
    match magnitude(digits, radix)? {
        _ if digits.is_empty() => None,
        Ok(0) if !digits.contains('0') => Some(Err("a number without digits")),
        value => Some(value),
    }
}

/// Digits, with `_` anywhere.
fn magnitude(digits: &str, radix: u32) -> Option<Result<u128, &'static str>> {
    let mut value = Ok(0);
    for c in digits.chars().filter(|c| *c != '_') {
        let digit = c.to_digit(radix)?;
        value = value.and_then(|value| append(value, radix, digit));
    }
    Some(value)
}

fn append(value: u128, radix: u32, digit: u32) -> Result<u128, &'static str> {
    value.checked_mul(radix.into()).and_then(|value| value.checked_add(digit.into())).ok_or(TOO_LARGE)
}

/// A group of a sexagesimal number.
fn below_sixty(group: &str) -> Option<u8> {
    let is_group = (1..=2).contains(&group.len()) && group.bytes().all(|byte| byte.is_ascii_digit());
    group.parse().ok().filter(|value| is_group && *value < 60)
}

fn is_infinite(text: &str) -> bool {
    matches!(text, ".inf" | ".Inf" | ".INF")
}

/// Decimal and sexagesimal floats, and those that are none.
fn float(text: &str) -> Option<f64> {
    if is_infinite(text) {
        return Some(f64::INFINITY);
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(f64::NAN);
    }
    let (whole, rest) = text.split_once('.')?;
    if let Some((first, groups)) = whole.split_once(':') {
        return sexagesimal(first, groups, rest);
    }
    let (fraction, exponent) = rest.find(['e', 'E']).map_or((rest, ""), |at| rest.split_at(at));
    let is_float = begins_with_digit(if whole.is_empty() { fraction } else { whole })
        && are_digits(whole)
        && are_digits(fraction)
        && (exponent.is_empty() || is_exponent(exponent));
    if is_float { parse(text) } else { None }
}

fn sexagesimal(first: &str, groups: &str, fraction: &str) -> Option<f64> {
    if !begins_with_digit(first) || !are_digits(first) || !are_digits(fraction) {
        return None;
    }
    let groups: Vec<u8> = groups.split(':').map(below_sixty).collect::<Option<_>>()?;
    let (last, middle) = groups.split_last()?;
    let mut value = parse(&format!("{last}.{fraction}"))?;
    // From the smallest on, as PyYAML adds: that decides the last bit.
    let mut unit = 60.0;
    for group in middle.iter().rev().map(|group| f64::from(*group)).chain([parse(first)?]) {
        value += group * unit;
        unit *= 60.0;
    }
    Some(value)
}

fn parse(text: &str) -> Option<f64> {
    text.replace('_', "").parse().ok()
}

fn are_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

fn begins_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

/// `e`, a sign, which has to be there, and digits.
fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['e', 'E']).and_then(|text| text.strip_prefix(['-', '+']));
    digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
}
