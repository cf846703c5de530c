use hat_event_types::{
    Event, EventId, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryResult, QueryServerParams,
    QueryTimeseriesParams, ServerId, Timestamp,
};

use crate::sbs::{plain_choice, record};
use crate::{DecodeError, DecodeErrorKind, Reader, Sbs, Writer};

plain_choice!(Order);
plain_choice!(OrderBy);

record!(QueryLatestParams {
    event_types: Option<Vec<EventType>> = "eventTypes",
});

record!(QueryTimeseriesParams {
    event_types: Option<Vec<EventType>> = "eventTypes",
    t_from: Option<Timestamp> = "tFrom",
    t_to: Option<Timestamp> = "tTo",
    source_t_from: Option<Timestamp> = "sourceTFrom",
    source_t_to: Option<Timestamp> = "sourceTTo",
    order: Order = "order",
    order_by: OrderBy = "orderBy",
    max_results: Option<u64> = "maxResults",
    last_event_id: Option<EventId> = "lastEventId",
});

record!(QueryServerParams {
    server_id: ServerId = "serverId",
    persisted: bool = "persisted",
    max_results: Option<u64> = "maxResults",
    last_event_id: Option<EventId> = "lastEventId",
});

record!(QueryResult {
    events: Vec<Event> = "events",
    more_follows: bool = "moreFollows",
});

impl Sbs for QueryParams {
    const MIN_LEN: usize = 2;

    fn encode(&self, writer: &mut Writer) {
        match self {
            Self::Latest(params) => {
                writer.length(0);
                params.encode(writer);
            }
            Self::Timeseries(params) => {
                writer.length(1);
                params.encode(writer);
            }
            Self::Server(params) => {
                writer.length(2);
                params.encode(writer);
            }
        }
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        match reader.choice(3)? {
            0 => Sbs::decode(reader).map(Self::Latest).map_err(|error| error.in_field("latest")),
            1 => Sbs::decode(reader).map(Self::Timeseries).map_err(|error| error.in_field("timeseries")),
            _ => Sbs::decode(reader).map(Self::Server).map_err(|error| error.in_field("server")),
        }
    }
}

/// A maximum of results, not negative. More than 2^63 − 1 is written as that: no peer holds more.
impl Sbs for u64 {
    const MIN_LEN: usize = 1;

    fn encode(&self, writer: &mut Writer) {
        writer.integer(i64::try_from(*self).unwrap_or(i64::MAX));
    }

    fn decode(reader: &mut Reader) -> Result<Self, DecodeError> {
        let at = reader.position();
        let number = reader.integer()?;
        Self::try_from(number).map_err(|_| DecodeError::new(DecodeErrorKind::Negative(number), at))
    }
}
