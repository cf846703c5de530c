//! `hat-event match`.

mod program;

use program::{Ran, check_error, ok, run_on};

const TYPES: &[u8] = b"house\nhouse/door\ngarden/door\n\ngarden/pond/door\nhouse//door\r\n";

fn check(args: &[&str], code: i32, out: &str) {
    let ran = run_on(&[&["match"], args].concat(), TYPES);
    assert_eq!(ran, Ran { code, out: out.to_owned(), err: String::new() });
}

#[test]
fn event_types_that_match_are_printed() {
    check(&["house/*"], 0, "house\nhouse/door\nhouse//door\n");
    check(&["?/door"], 0, "house/door\ngarden/door\n");
    check(&["?/door", "house"], 0, "house\nhouse/door\ngarden/door\n");
    check(&["house/?/door"], 0, "house//door\n");
    check(&["*"], 0, "house\nhouse/door\ngarden/door\n\ngarden/pond/door\nhouse//door\n");
    // The empty line is the type without segments.
    check(&[""], 0, "\n");
}

#[test]
fn none_is_exit_code_1() {
    check(&["attic/*"], 1, "");
    check(&["attic/*", "--count"], 1, "0\n");
    check(&["--invert", "*"], 1, "");
}

#[test]
fn options_turn_and_count() {
    check(&["-v", "house/*"], 0, "garden/door\n\ngarden/pond/door\n");
    check(&["-c", "house/*"], 0, "3\n");
    check(&["--invert", "--count", "house/*", "garden/*"], 0, "1\n");
}

#[test]
fn what_is_printed_is_what_was_read() {
    assert_eq!(ok(run_on(&["match", "*"], "a\x1b[0m/\u{9b}/ü".as_bytes())), "a\x1b[0m/\u{9b}/ü\n");
}

#[test]
fn wrong_input_is_told() {
    check_error(run_on(&["match", "a/*/b"], b""), "`*` stands before its end");
    check_error(run_on(&["match"], b""), "<QUERY_TYPE>...");
    let ran = run_on(&["match", "*"], b"a\nb\xff\n");
    assert_eq!((ran.code, &*ran.out), (2, "a\n"));
    assert!(ran.err.contains("standard input: line 2: "), "{}", ran.err);
}
