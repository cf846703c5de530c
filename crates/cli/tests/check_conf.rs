//! `hat-event check-conf`.

mod program;

#[cfg(unix)]
use std::path::{Path, PathBuf};

#[cfg(unix)]
use program::command;
use program::{Ran, check_error, ok, run, run_on, write};

const YAML: &str = "\
name: test
server_id: 12
backend: {module: hat.event.backends.memory}
modules: []
eventer_server:
    host: 127.0.0.1
    port: 23012
";

/// Checks a configuration on standard input.
fn check(yaml: &str) -> Ran {
    run_on(&["check-conf", "--format", "yaml", "-"], yaml.as_bytes())
}

/// The folder of a user that has nothing yet.
#[cfg(unix)]
fn home(name: &str) -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Of an earlier run.
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(home.join(".config/hat")).unwrap();
    home
}

/// Runs the program for the user with that folder.
#[cfg(unix)]
fn run_for(home: &Path) -> Ran {
    let mut command = command(&["check-conf"]);
    command.env("HOME", home).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn what_would_run_is_told() {
    let path = write("conf.yaml", YAML);
    let expected = format!(
        "\
configuration  {path}
server         test with id 12
backend        hat.event.backends.memory
modules        0
events         127.0.0.1:23012
adminer        off
"
    );
    assert_eq!(ok(run(&["check-conf", &path])), expected);
    let json = r#"{"name": "test", "server_id": 12, "modules": [], "backend": {"module": "hat.event.backends.dummy"},
        "eventer_server": {"host": "::", "port": 1}, "adminer_server": {"host": "localhost", "port": 2}}"#;
    let out = ok(run_on(&["check-conf", "-"], json.as_bytes()));
    assert!(out.starts_with("configuration  standard input\n"), "{out}");
    assert!(out.ends_with("events         [::]:1\nadminer        localhost:2\n"), "{out}");
}

#[cfg(unix)]
#[test]
fn the_configuration_is_that_which_a_server_finds() {
    let home = home("check-conf");
    let default = ok(run_for(&home));
    assert!(default.starts_with("configuration  embedded default, with events in "), "{default}");
    assert!(default.contains("/check-conf/.local/share/hat\nserver         event with id 1\n"), "{default}");
    assert!(
        default.contains("hat.event.backends.lmdb\nmodules        0\nevents         127.0.0.1:23012\n"),
        "{default}"
    );
    assert!(!home.join(".local").exists());

    std::fs::write(home.join(".config/hat/event.yml"), YAML).unwrap();
    let out = ok(run_for(&home));
    assert!(out.contains("/.config/hat/event.yml\nserver         test with id 12\n"), "{out}");
    std::fs::write(home.join(".config/hat/event.yaml"), YAML.replace("12\n", "13\n")).unwrap();
    let out = ok(run_for(&home));
    assert!(out.contains("/.config/hat/event.yaml\nserver         test with id 13\n"), "{out}");
}

#[test]
fn all_errors_are_told() {
    let ran = check("name: yes\nserver_id: -1\nbackend: {module: mine}\nmodules: [{module: a}]\nevent_server: {}\n");
    let expected = "\
standard input: error: (the whole): \"eventer_server\" is a required property at line 1, column 1 (hat-event://server.yaml#/required)
standard input: error: /name: true is not of type \"string\" at line 1, column 7 (hat-event://server.yaml#/properties/name/type)
standard input: error: /server_id: -1 is less than the minimum of 0 at line 2, column 12 (hat-event://ours/server.yaml#/properties/server_id/minimum)
standard input: error: /backend/module: there is no backend mine; known are hat.event.backends.";
    assert_eq!((ran.code, &*ran.err), (1, ""), "{ran:?}");
    assert!(ran.out.starts_with(expected), "{}", ran.out);
    let rest = "\
; a program of one's own adds it with EventServer::builder().backend(\"mine\", info) at line 3, column 19
standard input: error: /modules/0/module: there is no module a; known are none; a program of one's own adds it with EventServer::builder().module(\"a\", info) at line 4, column 20
standard input: warning: /event_server: the key \"event_server\" is not known and has no effect; perhaps eventer_server is meant at line 5, column 1
standard input: note: yes is true here, and text to a reader of YAML 1.2 at line 1, column 7
";
    assert!(ran.out.ends_with(rest), "{}", ran.out);
}

#[test]
fn what_others_read_differently_is_told_and_no_error() {
    let yaml = YAML.replace("server_id: 12", "server_id: 012").replace("port: 23012", "port: 1:30\n    <<: {x: off}");
    let out = ok(check(&yaml));
    let notes: Vec<&str> = out.lines().filter_map(|line| line.strip_prefix("standard input: note: ")).collect();
    assert_eq!(
        notes,
        [
            "012 is 10 here, and 12 to a reader of YAML 1.2 at line 2, column 12",
            "1:30 is 90 here, and text to a reader of YAML 1.2 at line 7, column 11",
            "<< merges mappings, and is a key like any other to a reader of YAML 1.2 at line 8, column 5",
            "off is false here, and text to a reader of YAML 1.2 at line 8, column 13",
        ]
    );
    assert!(
        out.contains("warning: /eventer_server/x: the key \"x\" is not known and has no effect at line 8, column 10\n"),
        "{out}"
    );
    assert!(out.contains("\nserver         test with id 10\n") && out.contains(" 127.0.0.1:90\n"), "{out}");
    assert_eq!(ok(check(YAML)).lines().count(), 6);
}

#[test]
fn files_of_tls_are_read() {
    let ran = check(&format!("{YAML}    tls: {{cert: /nowhere/cert.pem, key: /nowhere/key.pem}}\n"));
    assert_eq!(ran.code, 1);
    let error = "standard input: error: /eventer_server/tls: cannot read /nowhere/";
    assert!(ran.out.starts_with(error) && ran.out.ends_with(" at line 8, column 10\n"), "{}", ran.out);
    assert_eq!(ran.out.lines().count(), 1);
}

#[test]
fn what_cannot_be_read_is_told() {
    check_error(run(&["check-conf", "nowhere.yaml"]), "error: nowhere.yaml: ");
    check_error(run(&["check-conf", &write("conf.ini", YAML)]), "the ending is none of .json, .yaml, .yml, .toml");
    check_error(
        run_on(&["check-conf", "-"], YAML.as_bytes()),
        "error: standard input: expected ident at line 1, column 2",
    );
    check_error(check(&format!("{YAML}name: x\n")), "the key \"name\" stands twice at line 8, column 1");
    check_error(run_on(&["check-conf", "-"], b"\xff"), "not UTF-8 at byte 0");
    check_error(run(&["check-conf", "--format", "xml", "-"]), "invalid value 'xml'");
}
