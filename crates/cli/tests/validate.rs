//! `hat-event validate`.

mod program;

use program::{check_error, ok, run, run_on, write};

const SERVER: &str = "hat-event://server.yaml";

const YAML: &str = "
type: event
name: test
server_id: 12
backend: {module: hat.event.backends.memory}
modules: []
eventer_server:
    host: 127.0.0.1
    port: 23012
";

const TOML: &str = "
name = 'test'
server_id = 12
modules = []
[backend]
module = 'hat.event.backends.memory'
[eventer_server]
host = '127.0.0.1'
port = 23012
";

const JSON: &str = r#"{"name": "test", "server_id": 12, "modules": [], "backend": {"module": "x"},
    "eventer_server": {"host": "127.0.0.1", "port": 23012}}"#;

fn validate(input: &str, args: &[&str]) -> program::Ran {
    run_on(&[&["validate", "-", "--schema"], args].concat(), input.as_bytes())
}

#[test]
fn valid_in_three_formats() {
    for (name, text) in [("valid.yaml", YAML), ("valid.yml", YAML), ("valid.toml", TOML), ("valid.json", JSON)] {
        let path = write(name, text);
        assert_eq!(ok(run(&["validate", "--schema", SERVER, &path])), format!("{path}: valid\n"));
    }
    for (format, text) in [("yaml", YAML), ("toml", TOML), ("json", JSON)] {
        assert_eq!(ok(validate(text, &[SERVER, "--format", format])), "standard input: valid\n");
    }
}

#[test]
fn violations_have_their_place_and_rule() {
    let text = YAML.replace("23012", "'x'").replace("modules: []", "modules: [{module: a}, {}]");
    let ran = validate(&text, &[SERVER, "--format", "yaml"]);
    let expected = "\
standard input: /eventer_server/port: \"x\" is not of type \"integer\" at line 9, column 11 (hat-event://server.yaml#/properties/eventer_server/properties/port/type)
standard input: /modules/1: \"module\" is a required property at line 6, column 24 (hat-event://server.yaml#/$defs/module/required)
";
    assert_eq!((ran.code, &*ran.out, &*ran.err), (1, expected, ""));

    let ran = validate("{}", &["hat-json://path.yaml", "--format", "json"]);
    assert!(
        ran.out.starts_with("standard input: (the whole): ") && ran.out.contains(" at line 1, column 1 (hat-json:"),
        "{}",
        ran.out
    );
}

#[test]
fn the_backend_is_checked_by_its_own_schema() {
    let lmdb = YAML.replace("backends.memory", "backends.lmdb, db_path: x, identifier: null");
    let ran = validate(&lmdb, &[SERVER, "--format", "yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.lines().count() > 3, "{}", ran.out);
    for line in ran.out.lines() {
        assert!(
            line.starts_with("standard input: /backend: ") && line.contains("hat-event://backends/lmdb.yaml#"),
            "{line}"
        );
    }
}

#[test]
fn a_schema_may_be_a_part_of_one() {
    let id = "hat-event://server.yaml#/$defs/backend";
    assert_eq!(ok(validate("module = 'x'", &[id, "--format", "toml"])), "standard input: valid\n");
    assert_eq!(validate("modul = 'x'", &[id, "--format", "toml"]).code, 1);
}

#[test]
fn one_bad_file_does_not_hide_another() {
    let good = write("good.json", JSON);
    let bad = write("bad.json", "{}");
    let ran = run(&["validate", "--schema", SERVER, "nowhere.json", &bad, &good]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.starts_with("error: nowhere.json: No such file"), "{}", ran.err);
    assert!(ran.out.starts_with(&format!("{bad}: (the whole): ")), "{}", ran.out);
    assert!(ran.out.ends_with(&format!("{good}: valid\n")), "{}", ran.out);
    assert_eq!(run(&["validate", "--schema", SERVER, &bad, &good]).code, 1);
}

#[test]
fn schemas_are_listed() {
    let ids = ok(run(&["validate", "--list"]));
    assert_eq!(ids.lines().count(), 7);
    assert!(ids.lines().any(|id| id == SERVER));
}

/// The reference's server does not start with these.
#[test]
fn what_a_server_would_refuse_is_not_valid() {
    for name in ["2026-01-01", "2026-01-01 12:00:00", "!foo 1", "=", "<<", "!!binary aGk=", ".inf"] {
        let text = YAML.replace("name: test", &format!("name: {name}"));
        check_error(validate(&text, &[SERVER, "--format", "yaml"]), " at line 3, column ");
    }
    for name in ["1:30", "1:30.5", "0.1_0", "0b1", "017"] {
        let text = YAML.replace("name: test", &format!("name: {name}"));
        assert_eq!(validate(&text, &[SERVER, "--format", "yaml"]).code, 1, "{name}");
    }
    for name in ["1e3", "1.5e3", "08", "0o17", "1e400", "tRue", "y", "n"] {
        let text = YAML.replace("name: test", &format!("name: {name}"));
        assert_eq!(ok(validate(&text, &[SERVER, "--format", "yaml"])), "standard input: valid\n", "{name}");
    }
    let text = TOML.replace("'test'", "2026-01-01");
    check_error(validate(&text, &[SERVER, "--format", "toml"]), "/name: 2026-01-01 is a date in TOML");
}

#[test]
fn the_schema_is_looked_up_before_anything_is_read() {
    check_error(run(&["validate", "--schema", "nowhere", "nowhere.json"]), "error: there is no schema");
}

#[test]
fn wrong_input_is_told() {
    check_error(
        validate("{}", &["hat-event://serv.yaml", "--format", "json"]),
        "known are hat-event://backends/lmdb.yaml, ",
    );
    check_error(validate("{}", &["hat-event://server.yaml#/nowhere", "--format", "json"]), "cannot be used");
    check_error(validate("{}", &[SERVER]), "standard input: the ending is none of .json, .yaml, .yml, .toml");
    check_error(validate("{}", &[SERVER, "--format", "xml"]), "invalid value 'xml'");
    check_error(validate("{", &[SERVER, "--format", "json"]), "standard input: EOF while parsing");
    check_error(validate("a: [", &[SERVER, "--format", "yaml"]), "standard input: ");
    check_error(validate("a: &a [*a]", &[SERVER, "--format", "yaml"]), "standard input: ");
    check_error(validate("a = 1\na = 2", &[SERVER, "--format", "toml"]), "line 2, column 1");
    check_error(run_on(&["validate", "--schema", SERVER, "--format", "yaml", "-"], b"a: \xff"), "not UTF-8 at byte 3");
    check_error(run(&["validate", "--schema", SERVER, "conn-01/s2c.bin"]), "the ending is none of");
    check_error(run(&["validate", "x.json"]), "--schema <ID>");
    for (deep, format) in
        [("[".repeat(100_000), "json"), ("[".repeat(100_000), "yaml"), ("a=".to_owned() + &"[".repeat(100_000), "toml")]
    {
        check_error(validate(&deep, &[SERVER, "--format", format]), "standard input: ");
    }
}
