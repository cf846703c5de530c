//! `hat-event decode`, `encode` and `schema`.

mod program;

use program::{check_error, ok, run, run_on, sample, write};
use serde_json::Value;

#[test]
fn decode_prints_json() {
    for (name, hex, json) in [
        ("Integer", "00c0", "64"),
        ("HatEventer.Timestamp", "aa 80", r#"{"s": 42, "us": 0}"#),
        ("HatEventer.EventType", "82 83 61 C3 BC 80\n", r#"["a\u00fc", ""]"#),
        ("HatEventer.MsgEventsAck", "", "null"),
        ("HatEventer.MsgInitRes", "8082", r#"{"$choice": ["success", {"$choice": ["operational", null]}]}"#),
        ("HatChatter.Data", "81 61 82 00 ff", r#"{"type": "a", "data": {"$hex": "00ff"}}"#),
        ("HatEventAdminer.MsgSetLogConfRes", "81 81 78", r#"{"$choice": ["error", "x"]}"#),
    ] {
        assert_eq!(ok(run_on(&["decode", "--type", name], hex.as_bytes())), format!("{json}\n"));
        let canonical: String = hex.to_lowercase().split_whitespace().collect();
        assert_eq!(ok(run_on(&["encode", "--type", name], json.as_bytes())), format!("{canonical}\n"));
    }
}

#[test]
fn raw_is_bytes_as_they_are() {
    assert_eq!(ok(run_on(&["decode", "--raw", "-t", "String"], b"\x85a b\n\0")), "\"a b\\n\\u0000\"\n");
    // All of these bytes are below 0x80, which makes them text.
    let json = write("raw.json", r#"{"on": true, "level": 0.0}"#);
    let schema = write("lamp.sbs", "module House\nLamp = Record { on: Boolean  level: Float }");
    assert_eq!(ok(run(&["encode", "--raw", "--schema", &schema, "-t", "House.Lamp", &json])), "\u{1}\0\0\0\0\0\0\0\0");
}

#[test]
fn schemas_refer_to_each_other_and_to_what_is_built_in() {
    let house = write("house.sbs", "module House\nDoor = Record { name: Text.Name  last: Optional(HatEventer.Event) }");
    let text = write("names.sbs", "module Text\nName = String # of a thing");
    let args = ["decode", "--schema", &house, "--schema", &text, "--type", "House.Door"];
    assert_eq!(ok(run_on(&args, b"81 78 80")), "{\"name\": \"x\", \"last\": {\"$choice\": [\"none\", null]}}\n");
    let names = ok(run(&["decode", "--list", "--schema", &house, "--schema", &text]));
    for name in ["House.Door", "Text.Name", "HatChatter.Msg", "HatEventAdminer.MsgSetLogConfReq", "HatEventer.Event"] {
        assert!(names.lines().any(|line| line == name), "{names}");
    }
    check_error(run(&["decode", "--schema", &house, "--list"]), "there is no module Text");
    check_error(run(&["decode", "--schema", &text, "--schema", &text, "--list"]), "defined twice");
}

#[test]
fn every_recorded_message_goes_both_ways() {
    let transcript = std::fs::read_to_string(sample("transcript.jsonl")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for line in transcript.lines() {
        let message: Value = serde_json::from_str(line).unwrap();
        let name = message["type"].as_str().unwrap();
        // One of each type: a run takes its time.
        if seen.insert(name.to_owned()) {
            let hex = ok(run_on(&["encode", "-t", name], message["data"].to_string().as_bytes()));
            let json = ok(run_on(&["decode", "-t", name], hex.as_bytes()));
            assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), message["data"]);
        }
    }
    assert_eq!(seen.len(), 14);
}

#[test]
fn wrong_input_is_told() {
    let decode = |name: &str, input: &str| run_on(&["decode", "--type", name], input.as_bytes());
    check_error(decode("Integer", "0g"), "error: standard input: byte 1 is no hexadecimal digit");
    check_error(decode("Integer", "000"), "error: standard input: the number of hexadecimal digits is odd");
    check_error(decode("Integer", "00"), "error: standard input: data ends inside an integer at byte 0");
    check_error(decode("Integer", "8080"), "error: standard input: 1 bytes follow the value at byte 1");
    check_error(decode("HatEventer.Event", "80 80"), "id.instance: data ends inside an integer");
    check_error(run(&["decode"]), "--type <NAME>");

    let encode = |name: &str, input: &str| run_on(&["encode", "--type", name], input.as_bytes());
    check_error(encode("Integer", "\n[1,"), "error: standard input: EOF while parsing a value at line 2 column 3");
    check_error(encode("Integer", "\"1\""), "error: standard input: expected Integer, found String");
    check_error(encode("HatEventer.EventType", "[\"a\", 1]"), "[1]: expected String, found Integer");
    check_error(encode("HatEventer.Timestamp", "{\"s\": 1}"), "field \"us\" is missing");
    check_error(run(&["encode", "-t", "Integer", "nowhere.json"]), "error: nowhere.json: No such file");
}

#[test]
fn types_are_looked_up_before_anything_is_read() {
    for command in ["decode", "encode"] {
        for name in ["HatEventer.Evnt", "Array(Integer)", "Array", "integer"] {
            let ran = run(&[command, "--type", name, "nowhere.bin"]);
            let expected = format!("error: there is no type \"{name}\"; types are None, Boolean, Integer, ");
            assert!(ran.err.starts_with(&expected), "{ran:?}");
            assert!(ran.err.contains("Bytes, HatChatter.Data, ") && ran.err.contains("a name in a schema"), "{ran:?}");
            check_error(ran, "");
        }
    }
}

#[test]
fn every_listed_type_is_a_type() {
    let names = ok(run(&["decode", "--list"]));
    assert_eq!(names, ok(run(&["encode", "--list", "--type", "Integer"])));
    for name in ["None", "Boolean", "Integer", "Float", "String", "Bytes", "HatEventer.Event"] {
        assert!(names.lines().any(|line| line == name), "{names}");
    }
    for name in names.lines() {
        let ran = run(&["decode", "--type", name]);
        assert!(ran.err.is_empty() || ran.err.contains("data ends inside"), "{name}: {ran:?}");
    }
}

#[test]
fn schemas_are_printed_by_name() {
    let names = ok(run(&["schema"]));
    assert_eq!(names.lines().count(), 10);
    for name in names.lines() {
        let text = ok(run(&["schema", name]));
        if name.contains("://") {
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["$id"], name);
        } else {
            assert!(text.contains(&format!("module {name}\n")), "{text}");
        }
    }
    check_error(run(&["schema", "HatEvent"]), "there is no schema HatEvent; known are HatEventer, ");
}
