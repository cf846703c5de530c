use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use hat_event_types::EventType;

use crate::matches::{ANY, REST};
use crate::matches_query_type;

/// An event type with wildcards, checked when made: `*` stands only at its end.
///
/// It matches event types by the rules of [`matches_query_type`].
///
/// ```
/// use hat_event_subscription::QueryType;
///
/// let query_type: QueryType = "house/?/*".parse()?;
/// assert!(query_type.matches(&"house/hall".parse()?));
/// assert_eq!("a/*/b".parse::<QueryType>().unwrap_err().position, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueryType(EventType);

/// An event type that is no query type, because a `*` in it is not its last segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("query type {query_type}: `*` stands before its end, as segment {} of {}", position + 1, query_type.len())]
pub struct QueryTypeError {
    /// What was refused.
    pub query_type: EventType,
    /// Where the first such `*` stands, counted from 0.
    pub position: usize,
}

impl QueryType {
    /// Takes an event type for a query type.
    ///
    /// # Errors
    ///
    /// [`QueryTypeError`] if a `*` is not the last segment.
    pub fn new(event_type: EventType) -> Result<Self, QueryTypeError> {
        let before_last = event_type.len().saturating_sub(1);
        let early_rest = event_type.segments().as_bytes().take(before_last).position(|segment| segment == REST);
        match early_rest {
            None => Ok(Self(event_type)),
            Some(position) => Err(QueryTypeError { query_type: event_type, position }),
        }
    }

    /// The same segments as an event type, which is what goes over the wire.
    pub fn as_event_type(&self) -> &EventType {
        &self.0
    }

    /// Whether an event type matches.
    pub fn matches(&self, event_type: &EventType) -> bool {
        matches_query_type(event_type, &self.0)
    }

    /// Whether there is no wildcard.
    pub fn is_exact(&self) -> bool {
        self.0.segments().as_bytes().all(|segment| segment != ANY && segment != REST)
    }

    /// Whether a `*` is at the end.
    pub(crate) fn is_open(&self) -> bool {
        self.0.segments().as_bytes().last() == Some(REST)
    }

    /// The query type of the event types that match both this one and another, if there are such event types at all.
    pub(crate) fn meet(&self, other: &Self) -> Self {
        let (open, other_open) = (self.is_open(), other.is_open());
        let mut segments = self.0.segments().take(self.0.len() - usize::from(open));
        let mut others = other.0.segments().take(other.0.len() - usize::from(other_open));
        let narrower = std::iter::from_fn(|| match (segments.next(), others.next()) {
            (Some(segment), Some(other)) if segment.as_bytes() == ANY => Some(other),
            (None, other) => other,
            (segment, _) => segment,
        });
        Self(narrower.chain((open && other_open).then_some("*")).collect())
    }
}

impl TryFrom<EventType> for QueryType {
    type Error = QueryTypeError;

    fn try_from(event_type: EventType) -> Result<Self, QueryTypeError> {
        Self::new(event_type)
    }
}

impl From<QueryType> for EventType {
    fn from(query_type: QueryType) -> Self {
        query_type.0
    }
}

/// The joined form, as that of event types.
impl FromStr for QueryType {
    type Err = QueryTypeError;

    fn from_str(joined: &str) -> Result<Self, QueryTypeError> {
        let event_type = joined.parse().unwrap_or_else(|never: Infallible| match never {});
        Self::new(event_type)
    }
}

/// The joined form, as that of event types.
impl fmt::Display for QueryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for QueryType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
