//! `hat-event inspect`, on recorded traffic and on what is damaged.

mod program;

use std::process::Stdio;

use hat_event_chatter::{Msg, MsgData};
use program::{check_error, command, ok, run, run_on, sample, write};
use serde_json::{Value, json};

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn transcript() -> Vec<Value> {
    lines(&std::fs::read_to_string(sample("transcript.jsonl")).unwrap())
}

/// The bytes of a message in a stream.
fn frame(data_type: &str, data: &'static [u8]) -> Vec<u8> {
    let data = MsgData { data_type: data_type.into(), data: data.into() };
    Msg { id: 1, first: 1, owner: true, token: true, last: true, data }.to_frame().to_vec()
}

#[test]
fn json_lines_are_the_transcript() {
    let mut messages = 0;
    for (conn, dir) in (1..=7).flat_map(|conn| [(conn, "c2s"), (conn, "s2c")]) {
        let printed = lines(&ok(run(&["inspect", "--json", &format!("conn-{conn:02}/{dir}.bin")])));
        let expected = transcript().into_iter().filter(|message| message["conn"] == conn && message["dir"] == dir);
        let expected = expected.map(|mut message| {
            let fields = message.as_object_mut().unwrap();
            fields.retain(|key, _| !["n", "t", "conn", "dir", "server"].contains(&&**key));
            message
        });
        assert_eq!(printed, expected.collect::<Vec<_>>());
        messages += printed.len();
    }
    assert_eq!(messages, 161);
}

#[test]
fn text_tells_each_message_and_its_events() {
    let text = ok(run(&["inspect", "conn-01/s2c.bin"]));
    let expected = "
       0  HatEventer.MsgInitRes       message 1 ends the other side's conversation 1
          accepted, starting
      32  HatEventer.MsgStatusNotify  message 2
          operational
      68  HatEventer.MsgEventsNotify  message 3
          event/12/engine  12.1.1  2026-11-23 07:53:30.147728Z  \"STARTED\"
";
    assert!(text.starts_with(&expected[1..]), "{text}");
    assert!(!text.contains('\x1b'));
}

#[test]
fn what_clients_say_is_told_in_words() {
    let text = ok(run(&["inspect", "conn-03/c2s.bin"]));
    for line in [
        "client \"meter\", with a token, wants no events",
        "latest of house/*",
        "latest of ?/room, heat/?/*, (no segments)",
        "timeseries of rule/*, ascending by timestamp, at most 3, after event 12.13.2",
        "server 12, persisted, at most 6",
    ] {
        assert!(text.lines().any(|one| one.trim() == line), "{line}");
    }
    let text = ok(run(&["inspect", "conn-07/s2c.bin"]));
    assert!(text.contains("\n          failed: Unsupported version: 5\n"), "{text}");
}

#[test]
fn only_matching_events_are_printed() {
    let is_house = |event: &Value| event["type"][0] == "house";
    let mut expected = Vec::new();
    for message in transcript() {
        if message["conn"] == 1 && message["dir"] == "s2c" && message["type"] == "HatEventer.MsgEventsNotify" {
            let mut events = message["data"].as_array().unwrap().clone();
            events.retain(is_house);
            if !events.is_empty() {
                expected.push((message["offset"].clone(), Value::from(events)));
            }
        }
    }
    assert_eq!(expected.len(), 8);

    let printed = ok(run(&["inspect", "--json", "--match", "house/*", "conn-01/s2c.bin"]));
    let printed: Vec<_> =
        lines(&printed).into_iter().map(|line| (line["offset"].clone(), line["data"].clone())).collect();
    assert_eq!(printed, expected);

    let text = ok(run(&["inspect", "--match", "house/*", "conn-01/s2c.bin"]));
    assert_eq!(text.lines().filter(|line| line.contains("HatEventer.")).count(), expected.len());
    assert_eq!(text.lines().filter(|line| line.starts_with("          house/")).count(), 9);
    assert_eq!(text.lines().count(), 17);
}

#[test]
fn events_match_if_one_query_type_does() {
    let printed = |args: &[&str]| {
        let messages = lines(&ok(run(&[&["inspect", "--json", "conn-03/c2s.bin", "conn-03/s2c.bin"], args].concat())));
        let kinds: std::collections::BTreeSet<String> =
            messages.iter().map(|message| message["type"].as_str().unwrap().replace("HatEventer.Msg", "")).collect();
        (messages.len(), kinds.into_iter().collect::<Vec<_>>())
    };
    let (door, _) = printed(&["--match", "door"]);
    let (last, _) = printed(&["-m", "last"]);
    let (both, kinds) = printed(&["--match", "door", "--match", "last"]);
    assert!(door > 0 && last > 0 && both >= door.max(last) && both <= door + last);
    assert_eq!(kinds, ["QueryRes", "RegisterReq", "RegisterRes"]);
}

#[test]
fn nothing_that_matches_is_exit_code_1() {
    let ran = run(&["inspect", "--match", "nothing/here", "conn-01/s2c.bin"]);
    assert_eq!((ran.code, &*ran.out, &*ran.err), (1, "", ""));
}

#[test]
fn several_files_are_told_apart() {
    let text = ok(run(&["inspect", "conn-06/c2s.bin", "conn-06/s2c.bin"]));
    assert!(text.starts_with("==> conn-06/c2s.bin <==\n       0  HatEventer.MsgInitReq"), "{text}");
    assert!(
        text.contains("HatChatter.Ping             message 4 begins conversation 4\n\n==> conn-06/s2c.bin <==\n"),
        "{text}"
    );
    let messages = lines(&ok(run(&["inspect", "--json", "conn-06/c2s.bin", "conn-06/s2c.bin"])));
    let of = |file: &str| messages.iter().filter(|message| message["file"] == file).count();
    assert_eq!((of("conn-06/c2s.bin"), of("conn-06/s2c.bin")), (4, 4));
}

#[test]
fn standard_input_is_a_file_too() {
    let data = std::fs::read(sample("conn-04/s2c.bin")).unwrap();
    assert_eq!(ok(run_on(&["inspect", "-"], &data)), ok(run(&["inspect", "conn-04/s2c.bin"])));
    assert_eq!(ok(run_on(&["inspect", "-"], b"")), "");
}

#[test]
fn a_stream_that_is_cut_off_prints_what_was_whole() {
    let data = std::fs::read(sample("conn-01/s2c.bin")).unwrap();
    let ran = run_on(&["inspect", "--json", "-"], &data[..100]);
    assert_eq!(lines(&ran.out).len(), 2);
    assert_eq!(ran.err, "error: standard input: stream ends at byte 100, inside the message at byte 68\n");
    assert_eq!(ran.code, 2);
}

#[test]
fn a_damaged_stream_tells_the_place() {
    let mut data = std::fs::read(sample("conn-01/s2c.bin")).unwrap();
    data[32] = 200;
    let path = write("damaged.bin", &data);
    let ran = run(&["inspect", "--json", &path, "conn-01/c2s.bin"]);
    // What follows in other files is not lost.
    assert_eq!(lines(&ran.out).len(), 2);
    assert_eq!(ran.err, format!("error: {path}: message at byte 32 is longer than 67108864 bytes\n"));
    assert_eq!(ran.code, 2);

    data[32..].fill(0);
    let ran = run_on(&["inspect", "-"], &data);
    let error = "error: standard input: message at byte 32: id: data ends inside an integer at byte 33\n";
    assert_eq!((ran.code, &*ran.err), (2, error));
}

#[test]
fn a_message_that_is_not_of_its_type_does_not_hide_the_next() {
    let stream = [frame("HatEventer.MsgStatusNotify", b"\x82"), frame("HatEventer.MsgStatusNotify", b"\x8a")];
    let stream = [stream.concat(), frame("HatEventer.MsgEventsAck", b"")].concat();
    let ran = run_on(&["inspect", "--json", "-"], &stream);
    let messages = lines(&ran.out);
    assert_eq!(messages.len(), 3);
    assert_eq!(messages[1]["data"], json!({"$hex": "8a"}));
    assert_eq!(messages[1]["note"], "not of this type");
    assert_eq!(messages[2]["data"], Value::Null);
    let error = "message at byte 36: HatEventer.MsgStatusNotify: choice 10 of 4 options at byte 71";
    assert_eq!((ran.code, ran.err), (2, format!("error: standard input: {error}\n")));

    let ran = run_on(&["inspect", "-"], &stream);
    assert!(ran.out.contains("\n          not of this type, 1 byte: 8a\n"), "{}", ran.out);
}

#[test]
fn unknown_messages_are_hexadecimal_digits() {
    let stream = frame("HatGateway.MsgState", b"\x01\x02\xff");
    let text = ok(run_on(&["inspect", "-"], &stream));
    assert!(text.ends_with("\n          unknown message type, 3 bytes: 0102ff\n"), "{text}");
    let messages = lines(&ok(run_on(&["inspect", "--json", "-"], &stream)));
    assert_eq!(messages[0]["data"], json!({"$hex": "0102ff"}));
    assert_eq!(messages[0]["note"], "unknown message type");
}

#[test]
fn schemas_make_messages_known() {
    let schema = write("gateway.sbs", "module HatGateway\nMsgState = Record { on: Boolean count: Integer }");
    let stream = frame("HatGateway.MsgState", b"\x01\x82");
    let text = ok(run_on(&["inspect", "--schema", &schema, "-"], &stream));
    assert!(text.ends_with("\n          {\"on\": true, \"count\": 2}\n"), "{text}");
    let ran = run_on(&["inspect", "--schema", &schema, "-"], &frame("HatGateway.MsgState", b"\x01"));
    assert!(ran.err.contains("HatGateway.MsgState: count: data ends inside an integer"), "{}", ran.err);
}

#[test]
fn nothing_from_outside_controls_the_terminal() {
    let stream = [
        frame("X\x1b[31m", b""),
        frame("HatEventer.MsgInitRes", b"\x81\x86\x1b]0;a\x07"),
        frame("HatEventer.MsgRegisterReq", b"\x81\x81\x84\x1b[2J\x80\x81\x80\x82\xc2\x9b\x80"),
    ];
    let schema = write("text.sbs", "module Text\nLine = String");
    let stream = [stream.concat(), frame("Text.Line", b"\x85\xc2\x9b\x7f\x1b\n")].concat();
    for form in [&["inspect", "--schema", &schema, "-"][..], &["inspect", "--schema", &schema, "--json", "-"]] {
        let text = ok(run_on(form, &stream));
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        assert!(text.contains("1b"));
    }
}

#[test]
fn tokens_are_not_shown_in_text() {
    let text = ok(run(&["inspect", "conn-05/c2s.bin"]));
    let message = lines(&ok(run(&["inspect", "--json", "conn-05/c2s.bin"]))).remove(0);
    let token = message["data"]["clientToken"]["$choice"][1].as_str().unwrap();
    assert!(!token.is_empty() && !text.contains(token) && text.contains("with a token"), "{text}");
}

#[test]
fn who_reads_only_the_beginning_gets_no_error() {
    let data = std::fs::read(sample("conn-04/s2c.bin")).unwrap();
    let path = write("long.bin", data.repeat(200));
    let mut child = command(&["inspect", &path])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Closed without having read, as `head -n 0` does.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), &*output.stderr), (Some(0), &b""[..]));
}

#[test]
fn wrong_arguments_are_told() {
    check_error(run(&["inspect", "nowhere.bin"]), "error: nowhere.bin: No such file");
    check_error(run(&["inspect", "."]), "error: .: ");
    check_error(run(&["inspect"]), "<FILE>...");
    check_error(run(&["inspect", "--match", "a/*/b", "conn-01/s2c.bin"]), "`*` stands before its end");
    check_error(run(&["inspect", "--schema", "nowhere.sbs", "conn-01/s2c.bin"]), "error: nowhere.sbs: No such file");
    let schema = write("wrong.sbs", "module A\nB = Recor {}");
    check_error(run(&["inspect", "--schema", &schema, "conn-01/s2c.bin"]), &format!("{schema}:2:"));
}

#[test]
fn conversations_are_told() {
    let told = |owner, id, token, last| {
        let data = MsgData { data_type: "HatChatter.Ping".into(), data: Default::default() };
        let text = ok(run_on(&["inspect", "-"], &Msg { id, first: 2, owner, token, last, data }.to_frame()));
        text.split_once("HatChatter.Ping").unwrap().1.trim().to_owned()
    };
    assert_eq!(told(true, 2, true, true), "message 2");
    assert_eq!(told(true, 2, true, false), "message 2 begins conversation 2");
    assert_eq!(told(true, 5, false, false), "message 5 goes on with conversation 2, keeps the token");
    assert_eq!(told(true, 5, true, true), "message 5 ends conversation 2");
    assert_eq!(told(false, 2, true, true), "message 2 ends the other side's conversation 2");
}
