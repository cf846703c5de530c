use super::hash::Ends;
use super::rows::{ANY, Rows};
use super::segments::Segments;

/// Where the wildcards of a query type are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// How many segments stand before its end, not counting `*`.
    pub(super) len: u32,
    /// Whether a `*` is at the end.
    pub(super) open: bool,
    /// The positions of `?`, in order.
    pub(super) any: Box<[u32]>,
}

/// All query types of one form.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// How many segments an event type has at least, and how many more at the most.
    least: usize,
    more: usize,
    /// Places in [`Sought::keys`] that together tell the key, unless this shape is too long or has too many `?`.
    parts: Option<[u8; 3]>,
    pub(super) rows: Rows,
    pub(super) form: Form,
}

/// What a look for query types knows of an event type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought<'a> {
    /// How many segments the event type has.
    pub(super) len: usize,
    /// Its segments, as far as any query type reaches, and one more for the end.
    pub(super) segments: &'a [Segment<'a>],
    /// Of the first [`SHORT`] positions: the key of what stands there, then the key of what stands before. Nothing stands
    /// at the last position.
    pub(super) keys: &'a [u64; 2 * SHORT],
}

/// Keys of so many positions are found without asking whether there are so many.
pub(super) const SHORT: usize = 8;

/// A segment of an event type.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Segment<'a> {
    /// The key of all that stands before it.
    pub(super) before: u64,
    /// Its key at its position.
    pub(super) here: u64,
    pub(super) ends: Ends,
    pub(super) text: &'a [u8],
}

impl Shape {
    pub(super) fn new(form: Form) -> Self {
        let (least, more) = (form.len as usize, if form.open { usize::MAX - form.len as usize } else { 0 });
        let nothing = SHORT as u32 - 1;
        let any = [0, 1].map(|i| form.any.get(i).map_or(nothing, |at| *at).min(nothing) as u8);
        let parts = (form.len < nothing && form.any.len() <= any.len()).then(|| {
            let [one, two] = any;
            [SHORT as u8 + form.len as u8, one, two]
        });
        Self { least, more, parts, rows: Rows::new(least), form }
    }

    /// Whether event types of so many segments can match.
    #[inline]
    pub(super) fn suits(&self, len: usize) -> bool {
        len.wrapping_sub(self.least) <= self.more
    }

    /// The key that a matching query type has: that of the segments that stand where this shape has no `?`.
    #[inline]
    pub(super) fn key(&self, sought: &Sought<'_>) -> u64 {
        match self.parts {
            Some(parts) => {
                let key = |part: u8| sought.keys.get(usize::from(part) % (2 * SHORT)).copied().unwrap_or_default();
                let [all, one, two] = parts.map(key);
                all ^ one ^ two
            }
            None => self.long_key(sought),
        }
    }

    #[inline(never)]
    fn long_key(&self, sought: &Sought<'_>) -> u64 {
        self.form.any.iter().fold(sought.before(self.least), |key, at| key ^ sought.here(*at as usize))
    }

    /// The value of the query type of this shape that matches. What the table proposed is tried first.
    #[inline]
    pub(super) fn find(&self, sought: &Sought<'_>, proposed: u32, segments: &Segments) -> Option<u32> {
        let is =
            |(&number, segment): (&u32, &Segment<'_>)| number == ANY || segments.is(number, segment.ends, segment.text);
        // An event type has at least as many segments as suits the shape.
        let fits = |numbers: &[u32]| numbers.iter().zip(sought.segments).all(is);
        let row = match self.rows.segments(proposed) {
            Some(numbers) if fits(numbers) => proposed,
            _ => self.rows.find(self.key(sought), fits)?,
        };
        Some(self.rows.value(row))
    }
}

impl Sought<'_> {
    #[inline]
    pub(super) fn before(&self, at: usize) -> u64 {
        self.segments.get(at).map_or(0, |segment| segment.before)
    }

    #[inline]
    pub(super) fn here(&self, at: usize) -> u64 {
        self.segments.get(at).map_or(0, |segment| segment.here)
    }
}
