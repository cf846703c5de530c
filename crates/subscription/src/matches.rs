use hat_event_types::{EventType, Segments};

/// The segment of a query type that stands for any one segment.
pub(crate) const ANY: &[u8] = b"?";

/// The last segment of a query type that stands for any number of segments.
pub(crate) const REST: &[u8] = b"*";

/// Whether an event type matches a query type, as `hat.event.common.matches_query_type` tells.
///
/// Segments are compared in order. A segment `?` of the query type matches any one segment; a last segment `*` matches
/// all that is left, also nothing; any other segment matches the same text only. Both must end together.
///
/// Any segments are taken: a `*` that is not last is compared like other text. [`QueryType`](crate::QueryType) refuses
/// such types.
///
/// ```
/// use hat_event_subscription::matches_query_type;
///
/// assert!(matches_query_type(&"house/hall/light".parse()?, &"house/?/light".parse()?));
/// assert!(matches_query_type(&"house".parse()?, &"house/*".parse()?));
/// assert!(!matches_query_type(&"house".parse()?, &"house/?".parse()?));
/// # Ok::<(), std::convert::Infallible>(())
/// ```
pub fn matches_query_type(event_type: &EventType, query_type: &EventType) -> bool {
    matches_segments(event_type.segments(), query_type.segments())
}

#[inline]
pub(crate) fn matches_segments(segments: Segments<'_>, wanted: Segments<'_>) -> bool {
    let mut segments = segments.as_bytes();
    let mut wanted = wanted.as_bytes();
    while let Some(want) = wanted.next() {
        if want == REST && wanted.len() == 0 {
            return true;
        }
        match segments.next() {
            Some(segment) if want == ANY || want == segment => {}
            _ => return false,
        }
    }
    segments.len() == 0
}
