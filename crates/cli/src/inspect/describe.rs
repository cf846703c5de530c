//! What messages tell apart from their events.

use hat_event_common::{
    EventType, Message, MsgGetLogConfRes, MsgInitReq, MsgInitRes, MsgRegisterRes, MsgSetLogConfRes, QueryParams,
    QueryResult, QueryTimeseriesParams,
};

use crate::events::{id_name, time, type_name};

/// What a message tells apart from its events, as lines.
pub(super) fn describe(message: &Message) -> Vec<String> {
    match message {
        Message::InitReq(req) => init(req),
        Message::InitRes(MsgInitRes::Success(status)) => vec![format!("accepted, {}", status.as_str())],
        Message::InitRes(MsgInitRes::Error(error)) => vec![format!("refused: {error}")],
        Message::StatusNotify(notify) => vec![notify.0.as_str().to_owned()],
        Message::RegisterRes(MsgRegisterRes::Failure) => vec!["not registered".to_owned()],
        Message::QueryReq(req) => vec![query(&req.0)],
        Message::QueryRes(res) => vec![found(&res.0)],
        Message::GetLogConfRes(MsgGetLogConfRes::Success(conf)) => vec![conf.to_string()],
        Message::GetLogConfRes(MsgGetLogConfRes::Error(error)) => vec![format!("failed: {error}")],
        Message::SetLogConfReq(req) => vec![req.conf.to_string()],
        Message::SetLogConfRes(MsgSetLogConfRes::Success) => vec!["done".to_owned()],
        Message::SetLogConfRes(MsgSetLogConfRes::Error(error)) => vec![format!("failed: {error}")],
        _ => Vec::new(),
    }
}

fn init(req: &MsgInitReq) -> Vec<String> {
    // A token is a secret: `--json` has it for those who need it.
    let token = if req.client_token.is_some() { "with a token" } else { "without a token" };
    let mut wants = match &req.subscriptions[..] {
        [] => "no events".to_owned(),
        query_types => format!("events {}", join(query_types)),
    };
    if let Some(id) = req.server_id {
        wants += &format!(" of server {id}");
    }
    if req.persisted {
        wants += ", once persisted";
    }
    vec![format!("client {:?}, {token}, wants {wants}", &*req.client_name)]
}

fn query(params: &QueryParams) -> String {
    match params {
        QueryParams::Latest(params) => format!("latest {}", types(params.event_types.as_deref())),
        QueryParams::Timeseries(params) => timeseries(params),
        QueryParams::Server(params) => {
            let persisted = if params.persisted { ["persisted".to_owned()].into() } else { Vec::new() };
            let limits = [
                params.max_results.map(|max| format!("at most {max}")),
                params.last_event_id.map(|id| format!("after event {}", id_name(id))),
            ];
            let parts =
                [vec![format!("server {}", params.server_id)], persisted, limits.into_iter().flatten().collect()];
            parts.concat().join(", ")
        }
    }
}

fn timeseries(params: &QueryTimeseriesParams) -> String {
    let limits = [
        params.t_from.map(|t| format!("from {}", time(t))),
        params.t_to.map(|t| format!("to {}", time(t))),
        params.source_t_from.map(|t| format!("source from {}", time(t))),
        params.source_t_to.map(|t| format!("source to {}", time(t))),
        Some(format!("{} by {}", params.order.as_str(), params.order_by.as_str())),
        params.max_results.map(|max| format!("at most {max}")),
        params.last_event_id.map(|id| format!("after event {}", id_name(id))),
    ];
    let what = format!("timeseries {}", types(params.event_types.as_deref()));
    [what].into_iter().chain(limits.into_iter().flatten()).collect::<Vec<_>>().join(", ")
}

fn found(result: &QueryResult) -> String {
    let count = result.events.len();
    let unit = if count == 1 { "event" } else { "events" };
    let more = if result.more_follows { ", more follow" } else { "" };
    format!("{count} {unit}{more}")
}

fn types(query_types: Option<&[EventType]>) -> String {
    match query_types {
        None => "of all types".to_owned(),
        Some([]) => "of no type".to_owned(),
        Some(query_types) => format!("of {}", join(query_types)),
    }
}

fn join(query_types: &[EventType]) -> String {
    query_types.iter().map(type_name).collect::<Vec<_>>().join(", ")
}
