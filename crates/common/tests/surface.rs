//! Every name that `hat.event.common` 0.9.30 exports is here, and the page on coming from Python lists it.
//!
//! The uses below are the check: this file does not compile if a name is missing or is of another kind.

#![expect(unused_imports, reason = "to name them is the point")]

use hat_event_common as common;

/// Traits, types and constants.
mod names {
    use super::common::{
        Backend, BackendClosedError, BackendConf, BackendFlushedEventsCb, BackendInfo, BackendRegisteredEventsCb,
        CreateBackend, CreateModule, Engine, Event, EventId, EventPayload, EventPayloadBinary, EventPayloadJson,
        EventType, EventTypeCollection, EventTypeSegment, InstanceId, ListEventTypeCollection, MAX_TIMESTAMP,
        MIN_TIMESTAMP, Module, ModuleConf, ModuleInfo, Order, OrderBy, QueryLatestParams, QueryParams, QueryResult,
        QueryServerParams, QueryTimeseriesParams, RegisterEvent, ServerId, SessionId, Source, SourceType, Status,
        Subscription, Timestamp, TreeEventTypeCollection,
    };
}

/// Functions, under the reference's names.
mod functions {
    use super::common::{
        create_event_type_collection, create_subscription, event_from_sbs, event_payload_from_sbs,
        event_payload_to_sbs, event_to_sbs, import_backend_info, import_module_info, json_schema_repo,
        matches_query_type, now, query_params_from_sbs, query_params_to_sbs, query_result_from_sbs,
        query_result_to_sbs, register_event_from_sbs, register_event_to_sbs, sbs_repo, status_from_sbs, status_to_sbs,
        timestamp_from_bytes, timestamp_from_datetime, timestamp_from_float, timestamp_from_sbs, timestamp_to_bytes,
        timestamp_to_datetime, timestamp_to_float, timestamp_to_sbs,
    };
}

/// The names in the `use` lists of this file.
fn names_here() -> Vec<String> {
    let source = include_str!("surface.rs");
    let lists = source.split(concat!(" use super::common", "::{")).skip(1).filter_map(|rest| rest.split_once("};"));
    let mut names: Vec<String> = lists
        .flat_map(|(list, _)| list.split(','))
        .map(|name| name.trim().to_owned())
        .filter(|n| !n.is_empty())
        .collect();
    names.sort();
    names
}

#[test]
fn the_page_on_python_lists_what_is_here() {
    let page = include_str!("../../../docs/src/python-parity.md");
    let (table, _) = page.split_once("## Differences").expect("the page has a table of names, then the differences");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 67, "the reference exports 67 names");

    let mut listed: Vec<String> = rows
        .iter()
        .map(|row| row[2].split('`').nth(1).expect("the Rust name is set as code").trim_end_matches("()").to_owned())
        .collect();
    // Of 0.9.44, which has it instead of two of the others.
    listed.push("create_event_type_collection".into());
    listed.sort();
    assert_eq!(listed, names_here());

    for row in rows {
        let python = row[1].trim_matches('`');
        let rust = row[2].split('`').nth(1).expect("checked above").trim_end_matches("()");
        assert_eq!(python.to_lowercase(), rust.to_lowercase(), "a name is kept, but for the case of constants");
    }
}

#[test]
fn defaults_are_those_of_the_reference() {
    let timeseries = common::QueryTimeseriesParams::default();
    assert_eq!(timeseries.order, common::Order::Descending);
    assert_eq!(timeseries.order_by, common::OrderBy::Timestamp);
    assert_eq!((timeseries.event_types, timeseries.max_results, timeseries.last_event_id), (None, None, None));
    assert!(!common::QueryServerParams::new(common::ServerId::from(1)).persisted);
    assert_eq!(common::QueryLatestParams::default().event_types, None);
    assert_eq!((common::MIN_TIMESTAMP.s(), common::MIN_TIMESTAMP.us()), (i64::MIN, 0));
    assert_eq!((common::MAX_TIMESTAMP.s(), common::MAX_TIMESTAMP.us()), (i64::MAX, 999_999));
}
