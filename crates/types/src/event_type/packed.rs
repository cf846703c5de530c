//! The layout of packed segments: SBS `Array(String)`.
//!
//! A number is written in groups of seven bits, the most significant first, the last marked by its top bit; bit 6 of
//! the first group is the sign. Lengths and counts are never negative, so up to 63 they take one byte, `0x80 + n`.

use std::iter::FusedIterator;
use std::str::from_utf8;

use bytes::Bytes;

/// The segments of an event type, in order.
#[derive(Clone, Debug)]
pub struct Segments<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Segments<'a> {
    /// `packed` passed [`check`](super::check::check).
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

/// Takes a number that is not negative, if there is one that fits.
#[inline]
pub(super) fn take_number(rest: &mut &[u8]) -> Option<usize> {
    let (&first, after) = rest.split_first()?;
    if let Some(number) = short_number(first) {
        *rest = after;
        return Some(number);
    }
    take_long_number(rest)
}

/// The number that takes this byte alone, if one does.
#[inline]
pub(super) fn short_number(byte: u8) -> Option<usize> {
    (byte & 0xC0 == 0x80).then_some(usize::from(byte & 0x3F))
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
    fn many_segments_and_long_ones_are_packed() {
        let segments: Vec<String> = (0..300).map(|i| "x".repeat(i)).collect();
        let packed = pack(&segments);
        assert!(Segments::new(&packed).eq(&segments));
    }
}
