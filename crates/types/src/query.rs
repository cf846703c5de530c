use crate::{Event, EventId, EventType, ServerId, Timestamp};

/// In which direction results are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum Order {
    /// Latest first.
    #[default]
    Descending,
    /// Earliest first.
    Ascending,
}

/// By which time results are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "camelCase"))]
pub enum OrderBy {
    /// The time of registration.
    #[default]
    Timestamp,
    /// The time that the source gave.
    SourceTimestamp,
}

/// Asks for the latest event of each event type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct QueryLatestParams {
    /// Query types of which an event's type has to match one; all events if not given.
    pub event_types: Option<Vec<EventType>>,
}

/// Asks for the history of events.
///
/// ```
/// use hat_event_types::{Order, QueryTimeseriesParams};
///
/// let params = QueryTimeseriesParams {
///     event_types: Some(vec!["house/*".parse()?]),
///     order: Order::Ascending,
///     max_results: Some(100),
///     ..Default::default()
/// };
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(default, deny_unknown_fields))]
pub struct QueryTimeseriesParams {
    /// Query types of which an event's type has to match one; all events if not given.
    pub event_types: Option<Vec<EventType>>,
    /// Not registered before this time.
    pub t_from: Option<Timestamp>,
    /// Not registered after this time.
    pub t_to: Option<Timestamp>,
    /// With a source timestamp, and that not before this time.
    pub source_t_from: Option<Timestamp>,
    /// With a source timestamp, and that not after this time.
    pub source_t_to: Option<Timestamp>,
    /// Direction of the results.
    pub order: Order,
    /// Time by which the results are ordered.
    pub order_by: OrderBy,
    /// At the most so many events. More than 2^63 − 1 mean the same as that.
    pub max_results: Option<u64>,
    /// Only what follows this event in the order of the results: the last event of the page before.
    pub last_event_id: Option<EventId>,
}

/// Asks for the events that one server registered, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct QueryServerParams {
    /// The server that registered the events.
    pub server_id: ServerId,
    /// Only events that are persisted.
    #[cfg_attr(feature = "serde", serde(default))]
    pub persisted: bool,
    /// At the most so many events. More than 2^63 − 1 mean the same as that.
    #[cfg_attr(feature = "serde", serde(default))]
    pub max_results: Option<u64>,
    /// Only events with a greater id.
    #[cfg_attr(feature = "serde", serde(default))]
    pub last_event_id: Option<EventId>,
}

impl QueryServerParams {
    /// Asks for all events that `server_id` registered, persisted or not.
    pub fn new(server_id: ServerId) -> Self {
        Self { server_id, ..Self::default() }
    }
}

/// Asks a server for events, in one of three ways.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(tag = "query_type", rename_all = "lowercase")
)]
pub enum QueryParams {
    /// The latest event of each event type.
    Latest(QueryLatestParams),
    /// The history of events.
    Timeseries(QueryTimeseriesParams),
    /// The events that one server registered.
    Server(QueryServerParams),
}

impl From<QueryLatestParams> for QueryParams {
    fn from(params: QueryLatestParams) -> Self {
        Self::Latest(params)
    }
}

impl From<QueryTimeseriesParams> for QueryParams {
    fn from(params: QueryTimeseriesParams) -> Self {
        Self::Timeseries(params)
    }
}

impl From<QueryServerParams> for QueryParams {
    fn from(params: QueryServerParams) -> Self {
        Self::Server(params)
    }
}

/// What a query found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct QueryResult {
    /// The events, in the order that was asked for.
    pub events: Vec<Event>,
    /// Whether there are more events than these. The next page begins after the id of the last one.
    pub more_follows: bool,
}

impl Order {
    /// Both of them, in the order of the schema.
    pub const ALL: [Self; 2] = [Self::Descending, Self::Ascending];

    /// The name that the wire and the reference use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Descending => "descending",
            Self::Ascending => "ascending",
        }
    }
}

impl OrderBy {
    /// Both of them, in the order of the schema.
    pub const ALL: [Self; 2] = [Self::Timestamp, Self::SourceTimestamp];

    /// The name that the wire and the reference use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::SourceTimestamp => "sourceTimestamp",
        }
    }
}
