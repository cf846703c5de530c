use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hat_event_chatter::{CloseReason, Conversation, Received};
use hat_event_common::{BoxError, Event, QueryParams, QueryResult, RegisterEvent, Sbs, catch_panic};
use tokio::runtime::Handle;

use super::Shared;
use super::registry::Client;
use crate::message::{QUERY_RES, REGISTER_RES, encode_events};

/// So many events of a result are no longer given back while the client waits.
const MANY: usize = 1000;

/// What a client wants.
pub(super) enum Request {
    Register(Vec<RegisterEvent>),
    Query(QueryParams),
}

/// Where a request comes from, and its answer goes to.
pub(super) struct Origin {
    pub(super) conversation: Conversation,
    wants_answer: bool,
    /// What it takes: its bytes, and itself.
    pub(super) len: usize,
}

impl Origin {
    pub(super) fn of(message: &Received) -> Self {
        Self {
            conversation: message.conversation,
            wants_answer: !message.last,
            len: message.data.data.len() + size_of::<(Request, Self)>(),
        }
    }
}

/// A request that is being handled.
pub(super) enum Call<'a> {
    Registering(Calling<'a, Option<Arc<[Event]>>>),
    Querying(Calling<'a, Result<QueryResult, BoxError>>),
    Answered(Answer),
}

type Calling<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The type and bytes of an answer, if one is wanted, or why the connection has to end instead.
pub(super) type Answer = Result<Option<(&'static str, Bytes)>, CloseReason>;

impl<'a> Call<'a> {
    pub(super) fn begin(shared: &'a Shared, client: &'a Client, request: Request) -> Self {
        match request {
            Request::Register(events) => Self::Registering(shared.handler.register(&client.info, events)),
            Request::Query(params) => Self::Querying(shared.handler.query(&client.info, params)),
        }
    }

    pub(super) fn is_answered(&self) -> bool {
        matches!(self, Self::Answered(_))
    }

    /// Goes on with it, until it is answered.
    pub(super) fn poll(&mut self, origin: &Origin, context: &mut Context<'_>) {
        let polled = match self {
            Self::Registering(calling) => poll(calling, context).map(|events| match events? {
                _ if !origin.wants_answer => Ok(None),
                Some(events) => Ok(Some((REGISTER_RES, encode_events(Some(0), &events)))),
                None => Ok(Some((REGISTER_RES, Bytes::from_static(&[0x81])))),
            }),
            Self::Querying(calling) => poll(calling, context).map(|result| match result? {
                Ok(result) => {
                    let answer = result.to_sbs_bytes();
                    forget_later(result);
                    Ok(Some((QUERY_RES, answer)))
                }
                Err(error) => Err(CloseReason::Protocol(format!("query failed: {error}"))),
            }),
            Self::Answered(_) => return,
        };
        if let Poll::Ready(answer) = polled {
            *self = Self::Answered(answer);
        }
    }
}

/// Gives the memory of many events back once the answer is sent: it takes about half as long as encoding them.
fn forget_later(result: QueryResult) {
    if result.events.len() >= MANY
        && let Ok(runtime) = Handle::try_current()
    {
        runtime.spawn(async move { drop(result) });
    }
}

/// A panic costs the client that asked for it, and none of its other requests.
fn poll<T>(calling: &mut Calling<'_, T>, context: &mut Context<'_>) -> Poll<Result<T, CloseReason>> {
    let failed = |error| CloseReason::Protocol(format!("request cannot be handled: the handler {error}"));
    pin!(catch_panic(calling.as_mut())).poll(context).map_err(failed)
}
