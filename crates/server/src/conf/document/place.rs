use std::fmt;

/// Where something stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// How many bytes apart characters are counted beforehand.
const STEP: usize = 64;

/// Finds the places of bytes, in the same short time wherever they are: lines may be long, and have many values.
pub(super) struct Places<'a> {
    text: &'a str,
    /// Where lines begin.
    lines: Vec<usize>,
    /// How many characters begin before each byte whose number is a multiple of [`STEP`].
    counts: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        // One more than there are full steps, so that the end has one too.
        let mut counts = vec![0];
        for bytes in text.as_bytes().chunks_exact(STEP) {
            counts.push(counts.last().copied().unwrap_or_default() + characters(bytes));
        }
        Self { text, lines: std::iter::once(0).chain(ends).collect(), counts }
    }

    /// The place of a byte.
    pub(super) fn of(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default();
        Place { line, column: self.count(at) - self.count(start) + 1 }
    }

    /// How many characters begin before a byte.
    fn count(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        let before = self.counts.get(at / STEP).copied().unwrap_or_default();
        before + self.text.as_bytes().get(at - at % STEP..at).map_or(0, characters)
    }
}

fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| !matches!(byte, 0x80..=0xBF)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_the_place_of_their_character() {
        for text in ["", "a", "a\n", "äö\n\nü x", &"é".repeat(200), &"x".repeat(64), &"ab\nçd\r\n".repeat(50)] {
            let places = Places::new(text);
            let (mut line, mut column) = (1, 1);
            for (at, c) in text.char_indices() {
                assert_eq!(places.of(at), Place { line, column }, "{at} of {text:?}");
                (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            assert_eq!(places.of(text.len()), Place { line, column }, "the end of {text:?}");
            assert_eq!(places.of(usize::MAX), Place { line, column });
        }
    }
}
