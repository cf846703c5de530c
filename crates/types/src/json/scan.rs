//! The parts of JSON text that do not nest: strings, numbers, literals and space.
//!
//! Each takes the position where a part begins and returns the one behind it. Positions are values and never in memory, so that
//! they stay in registers from the first byte to the last.

use super::JsonErrorKind;
use super::JsonErrorKind::{
    ControlCharacter, ExpectedDigit, ExpectedValue, InvalidEscape, NumberOverflow, UnexpectedEnd,
};

/// What is wrong, and at which position.
pub(super) type Fault = (JsonErrorKind, usize);

/// The byte at a position, or 0 behind the end: nowhere in JSON is that a byte.
#[inline]
pub(super) fn peek(text: &str, at: usize) -> u8 {
    text.as_bytes().get(at).copied().unwrap_or(0)
}

/// What is wrong with what [`peek`] returns.
#[cold]
pub(super) fn unexpected(text: &str, at: usize, kind: JsonErrorKind) -> Fault {
    (if at < text.len() { kind } else { UnexpectedEnd }, at)
}

/// Passes space, and looks at what follows it.
#[inline]
pub(super) fn skip_space(text: &str, mut at: usize) -> (u8, usize) {
    let mut next = peek(text, at);
    // The first comparison alone decides nearly always.
    while next <= b' ' && matches!(next, b' ' | b'\t' | b'\n' | b'\r') {
        at += 1;
        next = peek(text, at);
    }
    (next, at)
}

/// Passes a string, from its opening quote on.
#[inline(always)]
pub(super) fn string(text: &str, start: usize) -> Result<usize, Fault> {
    let (mut next, mut at) = skip_plain(text, start + 1);
    while next != b'"' {
        if next != b'\\' {
            return Err(unexpected(text, at, ControlCharacter));
        }
        (next, at) = skip_plain(text, escape(text, at)?);
    }
    Ok(at + 1)
}

/// Passes what stands for itself in a string, and looks at what follows it.
///
/// The end of a short string is looked for byte by byte: its branch is predicted, while all that follows would wait for the
/// number of plain bytes in a word. Of a longer string whole words are passed.
#[inline(always)]
fn skip_plain(text: &str, at: usize) -> (u8, usize) {
    let Some(word) = text.as_bytes().get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
        return skip_more_plain(text, at);
    };
    for (i, byte) in word.iter().enumerate() {
        if !is_plain(*byte) {
            return (*byte, at + i);
        }
    }
    skip_more_plain(text, at + 8)
}

#[inline(never)]
fn skip_more_plain(text: &str, mut at: usize) -> (u8, usize) {
    at += 8 * plain_words(text, at);
    loop {
        let next = peek(text, at);
        if !is_plain(next) {
            return (next, at);
        }
        at += 1;
    }
}

/// How many words follow in which all stands for itself.
fn plain_words(text: &str, at: usize) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    // Takes a number from each byte: the top bit of the lowest that was smaller gets set. See "Bit Twiddling Hacks", hasless.
    let below = |word: u64, end: u64| word.wrapping_sub(ONES * end) & !word & (ONES << 7);
    let plain = |bytes: &[u8; 8]| {
        let word = u64::from_le_bytes(*bytes);
        // With its bit 1 flipped, the quote comes next to the control characters.
        below(word ^ (ONES * 2), 0x21) | below(word ^ (ONES * u64::from(b'\\')), 1) == 0
    };
    let (words, _) = text.as_bytes().get(at..).unwrap_or_default().as_chunks();
    words.iter().take_while(|word| plain(word)).count()
}

fn escape(text: &str, at: usize) -> Result<usize, Fault> {
    match peek(text, at + 1) {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
        b'u' => match text.as_bytes().get(at + 2..at + 6) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 6),
            Some(_) => Err((InvalidEscape, at)),
            None => Err((UnexpectedEnd, at)),
        },
        _ => Err((unexpected(text, at + 1, InvalidEscape).0, at)),
    }
}

/// Passes a number.
#[inline(always)]
pub(super) fn number(text: &str, start: usize) -> Result<usize, Fault> {
    let whole = if peek(text, start) == b'-' { start + 1 } else { start };
    let mut at = if peek(text, whole) == b'0' { whole + 1 } else { digits(text, whole)? };
    let mut overflow_possible = false;
    if peek(text, at) == b'.' {
        overflow_possible = at - whole > f64::MAX_10_EXP as usize;
        at = digits(text, at + 1)?;
    }
    if let b'e' | b'E' = peek(text, at) {
        at += 1;
        if let b'+' | b'-' = peek(text, at) {
            at += 1;
        }
        at = digits(text, at)?;
        overflow_possible = true;
    }
    if overflow_possible && overflows(text.get(start..at)) { Err((NumberOverflow, start)) } else { Ok(at) }
}

#[cold]
fn overflows(number: Option<&str>) -> bool {
    !number.and_then(|number| number.parse::<f64>().ok()).is_some_and(f64::is_finite)
}

/// Passes one digit or more.
#[inline(always)]
fn digits(text: &str, start: usize) -> Result<usize, Fault> {
    let mut at = start;
    while peek(text, at).is_ascii_digit() {
        at += 1;
    }
    if at > start { Ok(at) } else { Err(unexpected(text, at, ExpectedDigit)) }
}

/// Passes `true`, `false` or `null`.
#[inline]
pub(super) fn literal(text: &str, at: usize, literal: &[u8]) -> Result<usize, Fault> {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    if rest.starts_with(literal) {
        return Ok(at + literal.len());
    }
    Err((if literal.starts_with(rest) { UnexpectedEnd } else { ExpectedValue }, at))
}

#[inline]
fn is_plain(byte: u8) -> bool {
    PLAIN.get(usize::from(byte)).is_some_and(|plain| *plain)
}

/// Which bytes stand for themselves in a string: all but `"`, `\` and control characters.
#[expect(clippy::indexing_slicing, reason = "a constant that indexed out of bounds would not compile")]
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut control = 0;
    while control < 0x20 {
        plain[control] = false;
        control += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_found_everywhere() {
        for byte in 0..=0x7F {
            for at in 0..40 {
                let text = format!("\"{}{}bcdefghi\"", "a".repeat(at), char::from(byte));
                let result = match byte {
                    b'"' => Ok(at + 2),
                    0..0x20 => Err((ControlCharacter, at + 1)),
                    // After a backslash, `b` makes it an escape.
                    _ => Ok(text.len()),
                };
                assert_eq!(string(&text, 0), result, "{text:?}");
            }
        }
    }
}
