use clap::ValueEnum;
use hat_event_common::{
    EventId, EventType, Order, OrderBy, QueryLatestParams, QueryParams, QueryServerParams, QueryTimeseriesParams,
    QueryType, ServerId, Timestamp,
};

use crate::network::timestamp;

/// What is asked for.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Query {
    Latest(Latest),
    Timeseries(Timeseries),
    Server(Server),
}

/// Of each event type, the latest event.
#[derive(Debug, clap::Args)]
pub(super) struct Latest {
    #[command(flatten)]
    types: Types,
}

/// Events in the order of their times.
#[derive(Debug, clap::Args)]
pub(super) struct Timeseries {
    #[command(flatten)]
    types: Types,

    /// Registered at or after this: `now` or seconds since 1970.
    #[arg(long, value_name = "TIMESTAMP", value_parser = timestamp, allow_negative_numbers = true)]
    t_from: Option<Timestamp>,

    /// Registered at or before this.
    #[arg(long, value_name = "TIMESTAMP", value_parser = timestamp, allow_negative_numbers = true)]
    t_to: Option<Timestamp>,

    /// Happened at or after this, as their sources say.
    #[arg(long, value_name = "TIMESTAMP", value_parser = timestamp, allow_negative_numbers = true)]
    source_t_from: Option<Timestamp>,

    /// Happened at or before this, as their sources say.
    #[arg(long, value_name = "TIMESTAMP", value_parser = timestamp, allow_negative_numbers = true)]
    source_t_to: Option<Timestamp>,

    /// Which come first.
    #[arg(long, value_enum, ignore_case = true, default_value = "descending")]
    order: OrderArg,

    /// By which time they are ordered.
    #[arg(long, value_enum, ignore_case = true, default_value = "timestamp")]
    order_by: OrderByArg,

    #[command(flatten)]
    page: Page,
}

/// The events that one server registered, in the order of their ids.
#[derive(Debug, clap::Args)]
pub(super) struct Server {
    /// The server.
    #[arg(value_name = "SERVER_ID")]
    server_id: ServerId,

    /// Only events that are persisted.
    #[arg(long)]
    persisted: bool,

    #[command(flatten)]
    page: Page,
}

#[derive(Debug, clap::Args)]
struct Types {
    /// Only events that match one of these; without it, all.
    #[arg(long, value_name = "QUERY_TYPE", num_args = 0..)]
    event_types: Option<Vec<QueryType>>,
}

#[derive(Debug, clap::Args)]
struct Page {
    /// So many at most.
    #[arg(long, value_name = "N")]
    max_results: Option<u64>,

    /// Only those that come after this one.
    #[arg(long, value_name = "SERVER_ID,SESSION_ID,INSTANCE_ID")]
    last_event_id: Option<EventId>,
}

/// Spelled as `hat-event-manager` does, in upper or lower case.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderArg {
    Descending,
    Ascending,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OrderByArg {
    Timestamp,
    #[value(name = "source_timestamp", alias = "source-timestamp")]
    SourceTimestamp,
}

impl Query {
    /// The query as it is sent.
    pub(super) fn params(&self) -> QueryParams {
        match self {
            Self::Latest(args) => QueryLatestParams { event_types: args.types.list() }.into(),
            Self::Timeseries(args) => args.params().into(),
            Self::Server(args) => args.params().into(),
        }
    }
}

impl Types {
    fn list(&self) -> Option<Vec<EventType>> {
        let types = self.event_types.as_ref()?;
        Some(types.iter().map(|query_type| query_type.as_event_type().clone()).collect())
    }
}

impl Timeseries {
    fn params(&self) -> QueryTimeseriesParams {
        QueryTimeseriesParams {
            event_types: self.types.list(),
            t_from: self.t_from,
            t_to: self.t_to,
            source_t_from: self.source_t_from,
            source_t_to: self.source_t_to,
            order: match self.order {
                OrderArg::Descending => Order::Descending,
                OrderArg::Ascending => Order::Ascending,
            },
            order_by: match self.order_by {
                OrderByArg::Timestamp => OrderBy::Timestamp,
                OrderByArg::SourceTimestamp => OrderBy::SourceTimestamp,
            },
            max_results: self.page.max_results,
            last_event_id: self.page.last_event_id,
        }
    }
}

impl Server {
    fn params(&self) -> QueryServerParams {
        QueryServerParams {
            persisted: self.persisted,
            max_results: self.page.max_results,
            last_event_id: self.page.last_event_id,
            ..QueryServerParams::new(self.server_id)
        }
    }
}
