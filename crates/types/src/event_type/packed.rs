//! The layout of packed segments: SBS `Array(String)`.
//!
//! A number is written in groups of seven bits, the most significant first, the last marked by its top bit; bit 6 of
//! the first group is the sign. Lengths and counts are never negative, so up to 63 they take one byte, `0x80 + n`.

use std::iter::FusedIterator;
use std::str::from_utf8;

use bytes::Bytes;

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

/// The segments of an event type, in order.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Segments<'a> {
    /// `packed` passed [`check`].
    pub(super) fn new(packed: &'a [u8]) -> Self {
        let mut rest = packed;
        let left = take_number(&mut rest).unwrap_or_default();
        Self { rest, left }
    }

    /// The segments of an event type whose bytes were kept, see [`EventType::as_packed`](super::EventType::as_packed).
    ///
    /// Other bytes yield no meaningful segments, but do no harm.
    pub fn of_packed(packed: &'a [u8]) -> Self {
        Self::new(packed)
    }

    /// The segments as bytes, which spares the view as text: what matching compares.
    pub fn as_bytes(self) -> impl ExactSizeIterator<Item = &'a [u8]> + FusedIterator + Clone {
        SegmentBytes(self)
    }

    #[inline]
    fn next_bytes(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let len = take_number(&mut self.rest)?;
        let (segment, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(segment)
    }
}

impl<'a> Iterator for Segments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        // Text was checked when the event type was made.
        self.next_bytes().map(|segment| from_utf8(segment).unwrap_or_default())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Segments<'_> {}
impl FusedIterator for Segments<'_> {}

#[derive(Clone)]
struct SegmentBytes<'a>(Segments<'a>);

impl<'a> Iterator for SegmentBytes<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.0.next_bytes()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for SegmentBytes<'_> {}
impl FusedIterator for SegmentBytes<'_> {}

/// Packs segments in canonical form.
pub(super) fn pack<S: AsRef<str>>(segments: impl IntoIterator<Item = S>) -> Bytes {
    let mut body = Vec::with_capacity(64);
    // Nearly all types have less than 64 segments: their count takes one byte, put in place at the end.
    body.push(0);
    let mut count = 0;
    for segment in segments {
        let segment = segment.as_ref().as_bytes();
        put_number(&mut body, segment.len());
        body.extend_from_slice(segment);
        count += 1;
    }
    let mut head = Vec::new();
    put_number(&mut head, count);
    body.splice(..1, head);
    // Of a vector without spare room, `Bytes` would allocate when it is first cloned.
    body.reserve(1);
    body.into()
}

/// Checks the packed segments that begin at `start`: tells where they end, and whether all numbers are canonical.
pub(super) fn check(data: &[u8], start: usize) -> Result<(usize, bool), PackedError> {
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

/// Takes a number that is not negative, if there is one that fits.
#[inline]
fn take_number(rest: &mut &[u8]) -> Option<usize> {
    let (&first, after) = rest.split_first()?;
    if first & 0xC0 == 0x80 {
        *rest = after;
        return Some(usize::from(first & 0x3F));
    }
    take_long_number(rest)
}

#[cold]
fn take_long_number(rest: &mut &[u8]) -> Option<usize> {
    let mut number: usize = 0;
    let len = rest.iter().position(|byte| byte & 0x80 != 0)? + 1;
    let (bytes, after) = rest.split_at_checked(len)?;
    if bytes.first()? & 0x40 != 0 {
        return None;
    }
    for byte in bytes {
        if number > (i64::MAX >> 7) as usize {
            return None;
        }
        number = number << 7 | usize::from(byte & 0x7F);
    }
    *rest = after;
    Some(number)
}

fn put_number(out: &mut Vec<u8>, number: usize) {
    // The highest group keeps its bit 6 clear, which is the sign.
    let mut shift = 0;
    while number >> shift > 0x3F {
        shift += 7;
    }
    while shift > 0 {
        out.push((number >> shift & 0x7F) as u8);
        shift -= 7;
    }
    out.push(number as u8 | 0x80);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_form_of_sbs_integers() {
        for (number, bytes) in
            [(0, &[0x80][..]), (63, &[0xBF]), (64, &[0x00, 0xC0]), (8191, &[0x3F, 0xFF]), (8192, &[0x00, 0x40, 0x80])]
        {
            let mut out = Vec::new();
            put_number(&mut out, number);
            assert_eq!(out, bytes);
            assert_eq!(take_number(&mut &out[..]), Some(number));
        }
    }

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

    #[test]
    fn many_segments_and_long_ones_are_packed() {
        let segments: Vec<String> = (0..300).map(|i| "x".repeat(i)).collect();
        let packed = pack(&segments);
        assert_eq!(check(&packed, 0), Ok((packed.len(), true)));
        assert!(Segments::new(&packed).eq(&segments));
    }
}
