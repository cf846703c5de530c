mod check;
mod packed;

use std::cmp::Ordering;
use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

pub use check::PackedError;
pub use packed::Segments;

/// One segment of an event type: any text, also empty or with `/`, `?` or `*` in it.
pub type EventTypeSegment = str;

/// Names events: an ordered list of text segments.
///
/// Where events are asked for or subscribed to, the same value is a *query type*: a segment `?` there stands for any
/// one segment and a last segment `*` for any number of them.
///
/// The segments lie in one shared buffer, one after the other, so that cloning never allocates and comparing and
/// hashing look at bytes only; see [`Self::as_packed`].
///
/// For people there is the joined form `a/b/c`, parsed by [`str::parse`] and written by [`fmt::Display`]. A segment that
/// is empty or has a `/` in it does not survive that form.
///
/// ```
/// use hat_event_types::EventType;
///
/// let t = EventType::from(["house", "kitchen", "light"]);
/// assert_eq!(t, "house/kitchen/light".parse()?);
/// assert_eq!(t.to_string(), "house/kitchen/light");
/// assert_eq!(t.segments().collect::<Vec<_>>(), ["house", "kitchen", "light"]);
/// # Ok::<(), std::convert::Infallible>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EventType {
    /// Count of the segments and the segments, each behind its length; always canonical and UTF-8.
    packed: Bytes,
}

impl EventType {
    /// The event type without segments.
    pub const fn new() -> Self {
        Self { packed: Bytes::from_static(&[0x80]) }
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.segments().len()
    }

    /// Whether there is no segment.
    pub fn is_empty(&self) -> bool {
        self.packed[..] == [0x80]
    }

    /// The segments in order, as text.
    pub fn segments(&self) -> Segments<'_> {
        Segments::new(&self.packed)
    }

    /// The segment at a position, from 0.
    pub fn segment(&self, index: usize) -> Option<&EventTypeSegment> {
        self.segments().nth(index)
    }

    /// The bytes that hold the segments: an SBS value of type `Array(String)` in canonical form.
    ///
    /// Two event types are equal exactly if these bytes are. The number of segments comes first, then each segment's
    /// length in bytes and its text; numbers are SBS integers.
    pub fn as_packed(&self) -> &Bytes {
        &self.packed
    }

    /// Takes an event type out of `data`, from position `start` on, and tells where it ends.
    ///
    /// The result shares the memory of `data`, unless its numbers are padded with needless bytes.
    ///
    /// # Errors
    ///
    /// [`PackedError`] if the bytes there are no packed event type.
    #[inline]
    pub fn take_packed(data: &Bytes, start: usize) -> Result<(Self, usize), PackedError> {
        let (end, canonical) = check::check(data, start)?;
        let packed = data.slice(start..end);
        Ok((if canonical { Self { packed } } else { Self::repacked(&packed) }, end))
    }

    #[cold]
    fn repacked(packed: &[u8]) -> Self {
        Segments::new(packed).collect()
    }

    /// Replaces the shared buffer, see [`crate::detach`].
    pub(crate) fn with_packed(packed: Bytes) -> Self {
        Self { packed }
    }
}

impl Default for EventType {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: AsRef<str>> FromIterator<S> for EventType {
    fn from_iter<I: IntoIterator<Item = S>>(segments: I) -> Self {
        Self { packed: packed::pack(segments) }
    }
}

impl<S: AsRef<str>, const N: usize> From<[S; N]> for EventType {
    fn from(segments: [S; N]) -> Self {
        segments.into_iter().collect()
    }
}

impl<S: AsRef<str>> From<&[S]> for EventType {
    fn from(segments: &[S]) -> Self {
        segments.iter().collect()
    }
}

impl<S: AsRef<str>> From<Vec<S>> for EventType {
    fn from(segments: Vec<S>) -> Self {
        segments.into_iter().collect()
    }
}

/// Splits at each `/`. Empty text is the event type without segments.
impl FromStr for EventType {
    type Err = Infallible;

    fn from_str(joined: &str) -> Result<Self, Infallible> {
        Ok(if joined.is_empty() { Self::new() } else { joined.split('/').collect() })
    }
}

/// Joins with `/`.
impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments().enumerate() {
            if i > 0 {
                f.write_str("/")?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.segments()).finish()
    }
}

/// Segment by segment, as Python orders tuples of text.
impl Ord for EventType {
    fn cmp(&self, other: &Self) -> Ordering {
        self.segments().as_bytes().cmp(other.segments().as_bytes())
    }
}

impl PartialOrd for EventType {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'a> IntoIterator for &'a EventType {
    type Item = &'a EventTypeSegment;
    type IntoIter = Segments<'a>;

    fn into_iter(self) -> Segments<'a> {
        self.segments()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_is_a_segment() {
        let segments = ["", "/", "?", "*", "ü€😀", "\0"];
        let t = EventType::from(segments);
        assert_eq!(t.len(), 6);
        assert_eq!(t.segments().collect::<Vec<_>>(), segments);
        assert_eq!(t.segment(4), Some("ü€😀"));
        assert_eq!(t.segment(6), None);
    }

    #[test]
    fn joined_form_is_for_people() {
        let parse = |joined: &str| joined.parse::<EventType>().unwrap();
        assert_eq!(parse(""), EventType::new());
        assert_eq!(parse("a//b"), EventType::from(["a", "", "b"]));
        assert_eq!(parse("/"), EventType::from(["", ""]));
        assert_eq!(parse("a/?/*").to_string(), "a/?/*");
    }

    #[test]
    fn clones_share_their_memory() {
        let t = EventType::from(["a", "b"]);
        assert_eq!(t.clone().as_packed().as_ptr(), t.as_packed().as_ptr());
    }

    #[test]
    fn equality_is_that_of_segments() {
        assert_eq!(EventType::from(vec!["a", "b"]), ["a", "b"].iter().collect());
        assert_ne!(EventType::from(["ab"]), EventType::from(["a", "b"]));
        assert!(EventType::new().is_empty() && EventType::default() == EventType::from([""; 0]));
        assert!(!EventType::from([""]).is_empty());
    }

    #[test]
    fn order_is_that_of_segments() {
        let ordered: [EventType; 5] = [[].as_slice(), &[""], &["a"], &["a", "z"], &["aa"]].map(|s: &[&str]| s.into());
        assert!(ordered.is_sorted());
    }
}
