//! Whether received bytes are packed segments.

use std::str::from_utf8;

use super::packed::{short_number, take_number};

/// Why bytes are no packed event type: what is wrong, and at which position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PackedError {
    /// The data stops before the value does.
    #[error("data ends inside an event type at byte {0}")]
    UnexpectedEnd(usize),
    /// A count or length is negative or does not fit into 64 bits.
    #[error("invalid length at byte {0}")]
    InvalidLength(usize),
    /// A segment is not UTF-8.
    #[error("segment at byte {0} is not UTF-8")]
    InvalidUtf8(usize),
}

/// Checks the packed segments that begin at `start`: tells where they end, and whether all numbers are canonical.
#[inline]
pub(super) fn check(data: &[u8], start: usize) -> Result<(usize, bool), PackedError> {
    match plain_len(data.get(start..).unwrap_or_default()) {
        Some(len) => Ok((start + len, true)),
        None => check_each(data, start),
    }
}

/// How long the packed segments are that `data` begins with, if all numbers take one byte and all text is ASCII.
///
/// Nearly all are like that, and then the bytes with a top bit are as many as the numbers: one look at eight bytes at a time
/// checks all text.
#[inline]
fn plain_len(data: &[u8]) -> Option<usize> {
    let count = short_number(*data.first()?)?;
    let mut len = 1;
    for _ in 0..count {
        len += 1 + short_number(*data.get(len)?)?;
    }
    (top_bits(data.get(..len)?)? == count + 1).then_some(len)
}

/// How many bytes have their top bit set, unless there are too many bytes to be counted this way.
#[inline]
fn top_bits(bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks();
    if words.len() >= 255 {
        return None;
    }
    // Each byte of a sum counts for itself, up to 255.
    let tops = |word: u64| word >> 7 & 0x0101_0101_0101_0101;
    let last = match bytes.last_chunk() {
        // The last eight bytes without those that are in other words.
        Some(last) => u64::from_le_bytes(*last).checked_shr(64 - 8 * tail.len() as u32).unwrap_or(0),
        None => tail.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    let sum = words.iter().fold(tops(last), |sum, word| sum + tops(u64::from_le_bytes(*word)));
    let pairs = (sum & 0x00FF_00FF_00FF_00FF) + (sum >> 8 & 0x00FF_00FF_00FF_00FF);
    Some((pairs.wrapping_mul(0x0001_0001_0001_0001) >> 48) as usize)
}

/// As [`check`], number by number and text by text.
#[inline(never)]
fn check_each(data: &[u8], start: usize) -> Result<(usize, bool), PackedError> {
    let mut rest = data.get(start..).ok_or(PackedError::UnexpectedEnd(data.len()))?;
    let mut canonical = true;
    let mut count = check_number(&mut rest, data.len(), &mut canonical)?;
    while count > 0 {
        let len = check_number(&mut rest, data.len(), &mut canonical)?;
        let Some((segment, after)) = rest.split_at_checked(len) else {
            return Err(PackedError::UnexpectedEnd(data.len()));
        };
        // Most segments are short and ASCII, for which this is much faster.
        if !segment.is_ascii() && from_utf8(segment).is_err() {
            return Err(PackedError::InvalidUtf8(data.len() - rest.len()));
        }
        rest = after;
        count -= 1;
    }
    Ok((data.len() - rest.len(), canonical))
}

#[inline]
fn check_number(rest: &mut &[u8], end: usize, canonical: &mut bool) -> Result<usize, PackedError> {
    let before = *rest;
    let number = take_number(rest).ok_or_else(|| match before.iter().all(|byte| byte & 0x80 == 0) {
        true => PackedError::UnexpectedEnd(end),
        false => PackedError::InvalidLength(end - before.len()),
    })?;
    // A first byte of zero is needed only where the next one would show as a sign.
    if let [0, next, ..] = before {
        *canonical &= next & 0x40 != 0;
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::packed::pack;
    use super::*;

    #[test]
    fn padded_numbers_are_accepted_and_told() {
        assert_eq!(check(&[0x81, 0x81, b'a'], 0), Ok((3, true)));
        assert_eq!(check(&[0, 0x81, 0x81, b'a'], 0), Ok((4, false)));
        assert_eq!(check(&[0x81, 0, 0, 0x81, b'a'], 0), Ok((5, false)));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (data, error) in [
            (&[][..], PackedError::UnexpectedEnd(0)),
            (&[0x00, 0x00], PackedError::UnexpectedEnd(2)),
            (&[0xC0], PackedError::InvalidLength(0)),
            (&[0x81, 0xFF], PackedError::InvalidLength(1)),
            (&[0x81, 0x83, b'a'], PackedError::UnexpectedEnd(3)),
            (&[0x82, 0x81, b'a', 0x81, 0xFF], PackedError::InvalidUtf8(4)),
            (&[0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0x80], PackedError::InvalidLength(0)),
            (&[0x00, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0x7F, 0xFF], PackedError::UnexpectedEnd(10)),
        ] {
            assert_eq!(check(data, 0), Err(error), "{data:02x?}");
        }
    }

    proptest! {
        #[test]
        fn a_look_at_all_text_at_once_agrees_with_one_at_each(
            segments in prop::collection::vec("[a-zé]{0,20}", 0..10),
            damage in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
            before in 0..3usize,
        ) {
            let mut data = [&vec![0xFF; before][..], &pack(&segments), b"behind"].concat();
            if let Some((place, byte)) = damage {
                let place = place.index(data.len());
                data[place] = byte;
            }
            prop_assert_eq!(check(&data, before), check_each(&data, before));
        }

        #[test]
        fn every_top_bit_is_counted(bytes in prop::collection::vec(any::<u8>(), 0..3000)) {
            let count = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            prop_assert_eq!(top_bits(&bytes), (bytes.len() < 255 * 8).then_some(count));
        }
    }

    #[test]
    fn no_number_of_top_bits_is_taken_for_another() {
        for len in 0..255 * 8 {
            assert_eq!(top_bits(&vec![0xFF; len]), Some(len));
        }
        // 256 bytes that are no text, which a single byte would count as none.
        let segment = [&[0xA0][..], &[0xBF; 32]].concat();
        let data = [&[0x88][..], &segment.repeat(8)].concat();
        assert_eq!(check(&data, 0), Err(PackedError::InvalidUtf8(2)));
    }
}
