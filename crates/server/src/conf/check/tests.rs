use async_trait::async_trait;
use hat_event_common::{
    BackendInfo, BoxError, Event, Lifecycle, Module, ModuleInfo, RegisterEvent, Resource, ServerId, Source,
    Subscription,
};
use serde_json::json;

use super::*;
use crate::conf::{Format, Limits, ListenConf, Plugins, TlsConf, embedded_default};

const YAML: &str = "\
type: event
name: test
server_id: 12
backend:
  module: hat.event.backends.memory
modules: []
eventer_server:
  host: 127.0.0.1
  port: 23012
";

/// What comes with the project, a backend with the reference's schema of LMDB, and two modules.
fn plugins() -> Plugins {
    let mut plugins = Plugins::default();
    let no_backend =
        || BackendInfo::new(async |_, _, _| Err::<hat_event_backends::MemoryBackend, _>(BoxError::from("no")));
    let lmdb = no_backend().with_schema("hat-event://backends/lmdb.yaml", json_schema_repo().clone());
    plugins.backends.insert("lmdb", lmdb);
    let mut repo = SchemaRepository::new();
    repo.add(json!({"$id": "my://module", "properties": {"period": {"type": "integer"}}, "required": ["period"]}))
        .unwrap();
    plugins.backends.insert("unusable", no_backend().with_schema("my://nowhere", repo.clone()));
    plugins.modules.insert("mine", module().with_schema("my://module", repo));
    plugins.modules.insert("free", module());
    plugins
}

fn module() -> ModuleInfo {
    ModuleInfo::new(async |_, _, _| Err::<NoModule, _>(BoxError::from("no")))
}

fn check(yaml: &str) -> Result<(ServerConf, Vec<Problem>), ConfErrors> {
    let plugins = plugins();
    ServerConf::check(&Document::parse(yaml, Format::Yaml).unwrap(), &plugins.backends, &plugins.modules)
}

fn texts(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(Problem::to_string).collect()
}

/// The errors of [`YAML`] with changes in it.
#[track_caller]
fn errors(changes: &[(&str, &str)]) -> Vec<String> {
    texts(&check(&changed(changes)).unwrap_err().errors)
}

#[track_caller]
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(YAML.to_owned(), |yaml, (from, to)| {
        assert!(yaml.contains(from), "{from}");
        yaml.replace(from, to)
    })
}

/// A module that is never made.
#[derive(Debug)]
enum NoModule {}

impl Resource for NoModule {
    fn lifecycle(&self) -> &Lifecycle {
        match *self {}
    }
}

#[async_trait]
impl Module for NoModule {
    fn subscription(&self) -> &Subscription {
        match *self {}
    }

    async fn process(&mut self, _: Source, _: &Event) -> Result<Vec<RegisterEvent>, BoxError> {
        match *self {}
    }
}

#[test]
fn the_least_that_a_configuration_has() {
    let (conf, warnings) = check(YAML).unwrap();
    assert_eq!(warnings, []);
    let expected = ServerConf {
        name: "test".to_owned(),
        server_id: ServerId::new(12).unwrap(),
        server_token: None,
        backend: json!({"module": "hat.event.backends.memory"}),
        modules: Vec::new(),
        eventer_server: ListenConf { host: "127.0.0.1".to_owned(), port: 23012, tls: None },
        adminer_server: None,
        log: None,
        limits: Limits { connections: 4096, session_events: 1_000_000 },
    };
    assert!(conf == expected, "{conf:?}");
}

#[test]
fn all_that_it_can_have() {
    let yaml = changed(&[
        ("modules: []", "modules: [{module: mine, period: 1}, {module: free, any: 1}]\nserver_token: secret"),
        ("  port: 23012", "  port: 0\n  tls: {cert: a.pem, key: b.pem}"),
    ]) + "\
version: '1'
log: {version: 1, more: 2}
adminer_server: {host: 0.0.0.0, port: 65535, tls: {cert: a.pem, key: b.pem, client_ca: c.pem}}
limits: {connections: 1, session_events: 2}
";
    let (conf, warnings) = check(&yaml).unwrap();
    assert_eq!(warnings, []);
    let tls = TlsConf { cert: "a.pem".into(), key: "b.pem".into(), client_ca: None };
    assert_eq!(conf.server_token.as_deref(), Some("secret"));
    assert_eq!(conf.modules, [json!({"module": "mine", "period": 1}), json!({"module": "free", "any": 1})]);
    assert_eq!(conf.eventer_server.tls.as_ref(), Some(&tls));
    let adminer = conf.adminer_server.as_ref().unwrap();
    assert_eq!((adminer.port, adminer.tls.clone()), (65535, Some(TlsConf { client_ca: Some("c.pem".into()), ..tls })));
    assert_eq!(conf.log, Some(json!({"version": 1, "more": 2})));
    assert_eq!(conf.limits, Limits { connections: 1, session_events: 2 });
    assert!(!format!("{conf:?}").contains("secret"), "{conf:?}");
}

#[test]
fn all_errors_are_told_at_once_with_place_and_rule() {
    let found = errors(&[
        ("name: test\n", ""),
        ("server_id: 12", "server_id: -1"),
        ("hat.event.backends.memory", "lmdb"),
        ("modules: []", "modules: [{module: mine, period: x}, {module: nobodys}]"),
        ("  port: 23012", "  port: 65536\n  tls: {cert: a, kee: b}\nlimits: {connections: 0}"),
    ]);
    let lmdb = |key: &str| {
        format!(
            "/backend: \"{key}\" is a required property at line 4, column 3 (hat-event://backends/lmdb.yaml#/required)"
        )
    };
    let mut expected: Vec<String> = vec![
        "(the whole): \"name\" is a required property at line 1, column 1 (hat-event://server.yaml#/required)".to_owned(),
        "/server_id: -1 is less than the minimum of 0 at line 2, column 12 (hat-event://ours/server.yaml#/properties/server_id/minimum)".to_owned(),
    ];
    expected.extend(
        ["cleanup_period", "conditions", "db_path", "flush_period", "identifier", "latest", "timeseries"].map(lmdb),
    );
    expected.extend([
        "/modules/0/period: \"x\" is not of type \"integer\" at line 5, column 34 (my://module#/properties/period/type)".to_owned(),
        "/modules/1/module: there is no module nobodys; known are free, mine; a program of one's own adds it with EventServer::builder().module(\"nobodys\", info) at line 5, column 47".to_owned(),
        "/eventer_server/port: 65536 is greater than the maximum of 65535 at line 8, column 9 (hat-event://ours/server.yaml#/$defs/listener/properties/port/maximum)".to_owned(),
        "/eventer_server/tls: \"key\" is a required property at line 9, column 8 (hat-event://ours/server.yaml#/$defs/listener/properties/tls/required)".to_owned(),
        "/eventer_server/tls: Additional properties are not allowed ('kee' was unexpected) at line 9, column 8 (hat-event://ours/server.yaml#/$defs/listener/properties/tls/additionalProperties)".to_owned(),
        "/limits/connections: 0 is less than the minimum of 1 at line 10, column 23 (hat-event://ours/server.yaml#/properties/limits/properties/connections/minimum)".to_owned(),
    ]);
    assert_eq!(found, expected);
}

#[test]
fn plugins_that_are_not_there_are_told() {
    let found = errors(&[("backends.memory", "backends.sqlite")]);
    assert!(
        found[0].starts_with("/backend/module: there is no backend hat.event.backends.sqlite; known are hat.event."),
        "{found:?}"
    );
    assert!(
        found[0].ends_with("EventServer::builder().backend(\"hat.event.backends.sqlite\", info) at line 5, column 11"),
        "{found:?}"
    );

    let document = Document::from(json!({
        "name": "x", "server_id": 1, "backend": {"module": "a"}, "modules": [{"module": "b"}], "eventer_server": {"host": "x", "port": 1},
    }));
    let found = ServerConf::check(&document, &Registry::new(), &Registry::new()).unwrap_err();
    assert_eq!(
        found.to_string(),
        "/backend/module: there is no backend a; known are none; a program of one's own adds it with EventServer::builder().backend(\"a\", info); \
         /modules/0/module: there is no module b; known are none; a program of one's own adds it with EventServer::builder().module(\"b\", info)"
    );

    let found = errors(&[("hat.event.backends.memory", "unusable")]);
    assert_eq!(found, ["/backend: there is no schema my://nowhere; known are my://module at line 5, column 3"]);
}

#[test]
fn what_is_no_mapping_is_told_once() {
    assert_eq!(
        texts(&check("[]").unwrap_err().errors),
        ["(the whole): this is not of type \"object\" at line 1, column 1 (hat-event://server.yaml#/type)"]
    );
    assert_eq!(
        errors(&[("modules: []", "modules: [1]")]),
        ["/modules/0: 1 is not of type \"object\" at line 6, column 11 (hat-event://server.yaml#/$defs/module/type)"]
    );
}

#[test]
fn numbers_that_cannot_work_are_errors() {
    for (from, to, error) in [
        (
            "server_id: 12",
            "server_id: 9223372036854775808",
            "/server_id: 9223372036854775808 is greater than the maximum of 9223372036854775807 at line 3",
        ),
        ("server_id: 12", "server_id: 1180591620717411303424", "/server_id: 1.1805916207174113e+21 is greater than"),
        (
            "server_id: 12",
            "server_id: 12.0",
            "/server_id: 12.0 is no integer to the reference; write 12 at line 3, column 12",
        ),
        ("server_id: 12", "server_id: 0.5", "/server_id: 0.5 is not of type \"integer\""),
        ("port: 23012", "port: 23012.0", "/eventer_server/port: 23012.0 is no integer to the reference; write 23012"),
        ("port: 23012", "port: -1", "/eventer_server/port: -1 is less than the minimum of 0"),
        ("type: event", "limits: {session_events: 7.0}", "/limits/session_events: 7.0 is no integer"),
        (
            "type: event",
            "limits: {session_events: 1_000_000_000_000}",
            "/limits/session_events: 1000000000000 is greater",
        ),
        ("type: event", "limits: {sessions: 1}", "/limits: Additional properties are not allowed ('sessions' was"),
        ("type: event", "limits:", "/limits: null is not of type \"object\""),
        ("type: event", "type: gateway", "/type: \"event\" was expected"),
    ] {
        let found = errors(&[(from, to)]);
        assert!(found.len() == 1 && found[0].starts_with(error), "{to}: {found:?}");
    }
    for id in ["0", "9223372036854775807"] {
        let (conf, _) = check(&changed(&[("server_id: 12", &format!("server_id: {id}"))])).unwrap();
        assert_eq!(conf.server_id.to_string(), id);
    }
}

#[test]
fn the_monitor_is_refused_unless_it_is_null() {
    let found = errors(&[("type: event", "monitor_component: {host: x, port: 1, group: y}")]);
    assert_eq!(found, ["/monitor_component: working under a monitor is not supported yet at line 1, column 20"]);
    let (_, warnings) = check(&changed(&[("type: event", "monitor_component:")])).unwrap();
    assert_eq!(warnings.len(), 1);
    assert!(warnings[0].message.starts_with("the reference takes no null here"), "{warnings:?}");
}

#[test]
fn the_adminer_is_for_this_host_or_for_those_with_certificates() {
    let adminer = |conf: &str| changed(&[("type: event", &format!("adminer_server: {{{conf}}}"))]);
    for host in ["127.0.0.1", "127.1.2.3", "'::1'", "'::ffff:127.0.0.1'", "localhost"] {
        assert!(check(&adminer(&format!("host: {host}, port: 1"))).is_ok(), "{host}");
    }
    for conf in [
        "host: 0.0.0.0, port: 1",
        "host: '::', port: 1",
        "host: example.org, port: 1",
        "host: '', port: 1",
        "host: 10.0.0.1, port: 1, tls: {cert: a, key: b}",
    ] {
        let found = texts(&check(&adminer(conf)).unwrap_err().errors);
        assert!(
            found.len() == 1 && found[0].starts_with("/adminer_server/host: the adminer is for this host alone"),
            "{found:?}"
        );
    }
    let found = texts(&check(&adminer("host: 127.0.0.1, port: 1, token: x")).unwrap_err().errors);
    assert!(
        found.len() == 1 && found[0].starts_with("/adminer_server/token: the protocol of the adminer carries no"),
        "{found:?}"
    );
}

#[test]
fn keys_without_effect_are_told() {
    let yaml = changed(&[
        ("type: event", "limit: {}\nmodules_: []"),
        (
            "hat.event.backends.memory",
            "lmdb\n  db_path: x\n  identifier: null\n  flush_period: 1\n  cleanup_period: 1\n  conditions: [{subscriptions: [], condition: {type: any, conditions: [{typ: all}, {type: json, data_value: {a: 1}}], extra: 1}}]\n  latest: {subscriptions: []}\n  timeseries: [{order_by: TIMESTAMP, subscriptions: [], limit: {min_entry: 1}}]\n  timeseries_max_result: 1",
        ),
        ("modules: []", "modules: [{module: mine, period: 1, peroid: 2}, {module: free, x: 1}]"),
        ("  port: 23012", "  port: 23012\n  prot: 1"),
    ]);
    let found = check(&yaml).unwrap_err();
    assert_eq!(found.errors.len(), 1, "{found:?}");
    assert!(found.errors[0].pointer.starts_with("/backend/conditions/0/condition"));
    let unknown = |pointer: &str, key: &str, meant: &str, place: &str| {
        format!("{pointer}: the key \"{key}\" is not known and has no effect{meant} at {place}")
    };
    assert_eq!(
        texts(&found.warnings),
        [
            unknown("/limit", "limit", "; perhaps limits is meant", "line 1, column 1"),
            unknown("/modules_", "modules_", "; perhaps modules is meant", "line 2, column 1"),
            unknown(
                "/backend/conditions/0/condition/conditions/0/typ",
                "typ",
                "; perhaps type is meant",
                "line 11, column 73"
            ),
            unknown("/backend/conditions/0/condition/extra", "extra", "", "line 11, column 119"),
            unknown(
                "/backend/timeseries/0/limit/min_entry",
                "min_entry",
                "; perhaps min_entries is meant",
                "line 13, column 65"
            ),
            unknown(
                "/backend/timeseries_max_result",
                "timeseries_max_result",
                "; perhaps timeseries_max_results is meant",
                "line 14, column 3"
            ),
            unknown("/modules/0/peroid", "peroid", "; perhaps period is meant", "line 15, column 37"),
            unknown("/eventer_server/prot", "prot", "; perhaps port is meant", "line 19, column 3"),
        ]
    );
}

#[test]
fn lmdb_has_keys_of_ours() {
    let lmdb = |ours: &str| {
        changed(&[(
            "hat.event.backends.memory",
            &format!(
                "lmdb\n  db_path: x\n  identifier: null\n  flush_period: 1\n  cleanup_period: 1\n  conditions: []\n  \
                 latest: {{subscriptions: []}}\n  timeseries: []\n{ours}"
            ),
        )])
    };
    let (_, warnings) =
        check(&lmdb("  durability: memory\n  limits: {db_size: 1_048_576, backlog_events: 1}\n")).unwrap();
    assert_eq!(warnings, []);
    let found = check(&lmdb("  durability: disk\n  limits: {db_sise: 1, backlog_events: 0}\n")).unwrap_err();
    let rule = "hat-event://ours/backends/lmdb.yaml#/properties";
    assert_eq!(
        texts(&found.errors),
        [
            format!(
                "/backend/durability: \"disk\" is not one of \"memory\" or \"flushed\" at line 13, column 15 ({rule}/durability/enum)"
            ),
            format!(
                "/backend/limits: Additional properties are not allowed ('db_sise' was unexpected) at line 14, column 11 ({rule}/limits/additionalProperties)"
            ),
            format!(
                "/backend/limits/backlog_events: 0 is less than the minimum of 1 at line 14, column 40 ({rule}/limits/properties/backlog_events/minimum)"
            ),
        ]
    );
    assert_eq!(
        texts(&found.warnings),
        [
            "/backend/limits/db_sise: the key \"db_sise\" is not known and has no effect; perhaps db_size is meant at line 14, column 12"
        ]
    );
}

#[test]
fn the_embedded_default_is_fine() {
    let mut plugins = plugins();
    let lmdb = plugins.backends.get("lmdb").unwrap().clone();
    plugins.backends.insert("hat.event.backends.lmdb", lmdb);
    let document = Document::from(embedded_default("/data".as_ref()).unwrap());
    let (conf, warnings) = ServerConf::check(&document, &plugins.backends, &plugins.modules).unwrap();
    assert_eq!(warnings, []);
    assert_eq!((conf.server_id.get(), conf.eventer_server.port), (1, 23012));
    assert_eq!(conf.backend["db_path"], "/data/event.db");
}
