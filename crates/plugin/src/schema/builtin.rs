use std::sync::LazyLock;

use super::SchemaRepository;

const TEXTS: [&str; 7] = [
    include_str!("../../schemas/hat-event/backends/lmdb.json"),
    include_str!("../../schemas/hat-event/backends/sqlite.json"),
    include_str!("../../schemas/hat-event/events.json"),
    include_str!("../../schemas/hat-event/monitor_data.json"),
    include_str!("../../schemas/hat-event/server.json"),
    include_str!("../../schemas/hat-json/logging.json"),
    include_str!("../../schemas/hat-json/path.json"),
];

static REPOSITORY: LazyLock<SchemaRepository> = LazyLock::new(|| {
    let mut repo = SchemaRepository::new();
    for text in TEXTS {
        #[expect(clippy::expect_used, reason = "the texts are part of the program, and tests read them")]
        repo.add(serde_json::from_str(text).expect("the built-in schemas are JSON"))
            .expect("the built-in schemas have ids of their own");
    }
    repo
});

/// The JSON schemas of the reference, as published with `hat-event` 0.9.44.
///
/// | id | checks |
/// |---|---|
/// | `hat-event://server.yaml` | the configuration of an event server |
/// | `hat-event://server.yaml#/$defs/backend`, `…/module` | what every backend's or module's configuration has to be |
/// | `hat-event://backends/lmdb.yaml` | the configuration of the LMDB backend |
/// | `hat-event://backends/sqlite.yaml` | the configuration of a backend that is no longer there |
/// | `hat-event://events.yaml` | nothing by itself; defines the payloads of the events that a server registers |
/// | `hat-event://monitor_data.yaml` | what a server tells other servers through the monitor |
/// | `hat-json://logging.yaml` | the configuration of Python's `logging`, part of the server's |
/// | `hat-json://path.yaml` | a path into a JSON document |
///
/// ```
/// let conf = serde_json::json!({
///     "name": "test",
///     "server_id": 1,
///     "backend": {"module": "hat.event.backends.memory"},
///     "modules": [],
///     "eventer_server": {"host": "127.0.0.1", "port": 23012},
/// });
/// hat_event_plugin::json_schema_repo().validate("hat-event://server.yaml", &conf)?;
/// # Ok::<(), hat_event_plugin::JsonSchemaError>(())
/// ```
pub fn json_schema_repo() -> &'static SchemaRepository {
    &REPOSITORY
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::JsonSchemaError;

    #[test]
    fn all_seven_are_there() {
        let ids: Vec<_> = json_schema_repo().ids().collect();
        let expected = [
            "hat-event://backends/lmdb.yaml",
            "hat-event://backends/sqlite.yaml",
            "hat-event://events.yaml",
            "hat-event://monitor_data.yaml",
            "hat-event://server.yaml",
            "hat-json://logging.yaml",
            "hat-json://path.yaml",
        ];
        assert_eq!(ids, expected);
    }

    /// The pointers at which a document violates a schema.
    fn check(id: &str, document: Value) -> Vec<String> {
        match json_schema_repo().validate(id, &document) {
            Ok(()) => Vec::new(),
            Err(JsonSchemaError::Violated { violations, .. }) => {
                violations.into_iter().map(|one| one.pointer).collect()
            }
            Err(error) => panic!("{error}"),
        }
    }

    #[test]
    fn references_lead_across_the_schemas() {
        let conf = json!({
            "type": "event", "log": {"version": 1, "handlers": {"console": {"class": "logging.StreamHandler"}}},
            "name": "x", "server_id": 1, "backend": {"module": "m"}, "modules": [{"module": "m", "more": []}],
            "eventer_server": {"host": "h", "port": 1},
        });
        assert!(check("hat-event://server.yaml", conf.clone()).is_empty());

        let mut bad = conf;
        bad["log"]["handlers"]["console"] = json!({"level": 3});
        bad["modules"][0]["module"] = json!(null);
        bad["backend"] = json!({});
        assert_eq!(
            check("hat-event://server.yaml", bad),
            ["/backend", "/log/handlers/console", "/log/handlers/console/level", "/modules/0/module"]
        );
    }

    #[test]
    fn schemas_refer_to_themselves() {
        assert!(check("hat-json://path.yaml", json!(["a", [1, ["b"]]])).is_empty());
        assert_eq!(check("hat-json://path.yaml", json!(["a", [1, [true]]])), [""]);
        let all = json!({"type": "all", "conditions": [{"type": "json", "data_path": ["x", 0]}]});
        assert!(check("hat-event://backends/lmdb.yaml#/$defs/condition", all).is_empty());
        assert_eq!(check("hat-event://backends/lmdb.yaml#/$defs/condition", json!({"type": "none"})), [""]);
        assert_eq!(check("hat-event://backends/sqlite.yaml", json!({"db_path": 1})).len(), 2);
        assert_eq!(check("hat-event://monitor_data.yaml", json!([])), [""]);
        let synced = "hat-event://events.yaml#/definitions/events/synced";
        assert!(check(synced, json!({"state": "SYNCED", "count": null})).is_empty());
        assert_eq!(check(synced, json!({"state": "SYNCED"})), [""]);
    }
}
