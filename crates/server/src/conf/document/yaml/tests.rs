use serde_json::json;

use super::composer::{MAX_DEPTH, too_deep};
use super::scalar::Scalar;
use super::*;

fn parse(text: &str) -> Result<Value, String> {
    super::parse(text).map(|(value, ..)| value).map_err(|error| error.to_string())
}

/// What PyYAML 6.0.3 makes of these (`yaml.load` with `CSafeLoader`, as `hat.json` calls it).
#[test]
fn scalars_are_what_pyyaml_makes_of_them() {
    for (text, value) in [
        ("", json!(null)),
        ("~", json!(null)),
        ("Null", json!(null)),
        ("yes", json!(true)),
        ("ON", json!(true)),
        ("False", json!(false)),
        ("Off", json!(false)),
        // Integers.
        ("0", json!(0)),
        ("-0", json!(0)),
        ("+1", json!(1)),
        ("-1_0", json!(-10)),
        ("1__0_", json!(10)),
        ("010", json!(8)),
        ("-0777", json!(-511)),
        ("0_7", json!(7)),
        ("0_", json!(0)),
        ("0b1_01", json!(5)),
        ("-0b11", json!(-3)),
        ("0x1F", json!(31)),
        ("-0x1f", json!(-31)),
        ("1:30", json!(90)),
        ("-1:30:05", json!(-5405)),
        ("190:20:30", json!(685_230)),
        ("18446744073709551615", json!(u64::MAX)),
        ("-9223372036854775808", json!(i64::MIN)),
        ("18446744073709551616", json!(18_446_744_073_709_551_616.0)),
        // Floats.
        ("1.", json!(1.0)),
        (".5", json!(0.5)),
        ("-0.0", json!(-0.0)),
        ("08.5", json!(8.5)),
        ("0.1_0", json!(0.1)),
        ("1_0.5e+3", json!(10_500.0)),
        ("-1.5E-3", json!(-0.0015)),
        ("1:30.", json!(90.0)),
        ("0:30.5", json!(30.5)),
        ("-1:2:3.4_", json!(-3723.4)),
        // Tags.
        ("!!str 1", json!("1")),
        ("!!str 2026-01-01", json!("2026-01-01")),
        ("!!str =", json!("=")),
        ("!!str", json!("")),
        ("!<tag:yaml.org,2002:str> 1", json!("1")),
        ("!!int '0x10'", json!(16)),
        ("!!float 1", json!(1.0)),
        ("!!bool 'yes'", json!(true)),
        ("!!null x", json!(null)),
        ("! '1'", json!(1)),
        ("! yes", json!(true)),
    ] {
        assert_eq!(parse(text), Ok(value), "{text:?}");
    }
}

#[test]
fn text_is_what_pyyaml_takes_for_text() {
    for text in [
        "y",
        "n",
        "tRue",
        "yEs",
        "nUll",
        "None",
        ".iNF",
        "+.nan",
        "1e3",
        "1.5e3",
        "1e400",
        "-2E+05",
        "08",
        "0o17",
        "0b12",
        "0b",
        "0X1F",
        "0x",
        "0a",
        "_1",
        "1:60",
        "1:5:6_0",
        "0:30",
        "01:30",
        "1:",
        ":1",
        "::1",
        "-.5",
        "._5",
        ".",
        "-",
        "+",
        "1.5e+",
        "1.5e+3_0",
        "1:30.5e+1",
        "1.2.3",
        "1.2:3",
        "127.0.0.1",
        "1,000",
        "1 000",
        "٣",
        "2026-1-1",
        "99-01-01",
        "2026-01-01T12:00",
        "2026-01-01T12:00:00 UTC",
        "2026-01-01T",
        "2026-1-1 123:00:00",
        "2026-01-01+1",
        "===",
        "<",
    ] {
        assert_eq!(scalar::read(text, true, None), Ok(Scalar::Value(text.into())), "{text:?}");
    }
    for text in ["1", "yes", "~", "", "<<", "=", "2026-01-01", ".inf", "1:30"] {
        assert_eq!(parse(&format!("'{text}'")), Ok(text.into()));
        assert_eq!(parse(&format!("\"{text}\"")), Ok(text.into()));
        assert_eq!(parse(&format!("|-\n {text}")), Ok(text.into()));
    }
}

#[test]
fn what_json_does_not_have_is_an_error() {
    for (text, error) in [
        ("2026-01-01", "2026-01-01 is a date in YAML; quote it at line 1, column 1"),
        ("a: 2026-01-01 12:00:00", "is a date in YAML; quote it at line 1, column 4"),
        ("2026-1-1T1:00:00.5 +01:00", "is a date"),
        ("2026-01-01\t1:00:00.Z", "is a date"),
        ("2026-13-01", "is a date"),
        (".inf", ".inf is a number that JSON does not have; quote it if it is text"),
        ("-.INF", "is a number that JSON does not have"),
        (".NaN", "is a number that JSON does not have"),
        ("1.0e+400", "is a number that JSON does not have"),
        ("0b_", "is a number without digits"),
        ("-0x_", "is a number without digits"),
        (&"9".repeat(50), "is too large a number"),
        ("a: =", "= has a meaning only as a key"),
        ("- <<", "<< has a meaning only as a key"),
        ("!foo 1", "the tag !foo means nothing here"),
        ("!foo {}", "the tag !foo means nothing here"),
        ("!!binary aGk=", "the tag !!binary means nothing here"),
        ("!!timestamp '2026-01-01'", "the tag !!timestamp means nothing here"),
        ("!!set {a, b}", "the tag !!set means nothing here"),
        ("!!seq a", "\"a\" is no !!seq"),
        ("!!map [a]", "the tag !!map means nothing here"),
        ("!!int 1.5", "\"1.5\" is no !!int"),
        ("!!bool x", "\"x\" is no !!bool"),
        ("!!float .inf", "is a number that JSON does not have"),
        ("{1: a}", "a key is a number, and not text; quote it at line 1, column 2"),
        ("{on: a}", "a key is a Boolean"),
        ("{~: a}", "a key is null"),
        ("{[a]: 1}", "a key is a list"),
        ("? {a: 1}\n: 1", "a key is a mapping"),
        ("{2026-01-01: a}", "is a date"),
    ] {
        let found = parse(text).unwrap_err();
        assert!(found.contains(error), "{text:?}: {found}");
    }
}

#[test]
fn mappings_are_merged_as_pyyaml_merges_them() {
    for (text, value) in [
        ("{<<: {b: 1}, a: 2}", json!({"a": 2, "b": 1})),
        ("{b: 0, <<: {b: 1}}", json!({"b": 0})),
        ("{<<: [{b: 1}, {b: 2, c: 3}]}", json!({"b": 1, "c": 3})),
        ("{<<: {b: 1}, <<: {b: 2}}", json!({"b": 2})),
        ("{<<: {<<: {b: 1}, c: 2}}", json!({"b": 1, "c": 2})),
        ("[&x {a: 1}, {<<: *x, b: *x}]", json!([{"a": 1}, {"a": 1, "b": {"a": 1}}])),
        ("{'<<': 1, =: 2, !!str 3: 4}", json!({"<<": 1, "=": 2, "3": 4})),
        ("{a, b: , &k c: *k }", json!({"a": null, "b": null, "c": "c"})),
        ("[&k a, {*k : 1}]", json!(["a", {"a": 1}])),
    ] {
        assert_eq!(parse(text), Ok(value), "{text:?}");
    }
    for (text, error) in [
        ("{<<: 1}", "<< merges mappings, and this is a number"),
        ("{<<: [[]]}", "<< merges mappings, and this is a list"),
        ("<<:", "<< merges mappings, and this is null"),
    ] {
        let found = parse(text).unwrap_err();
        assert!(found.contains(error), "{text:?}: {found}");
    }
}

#[test]
fn a_text_is_one_document() {
    assert_eq!(parse("# nothing"), Ok(json!(null)));
    assert_eq!(parse("%YAML 1.1\n--- [on]\n..."), Ok(json!([true])));
    // Without a line feed at the end.
    assert_eq!(parse("a: |\n x\nb: |\n y"), Ok(json!({"a": "x\n", "b": "y"})));
    for (text, error) in [
        ("--- 1\n--- 2", "a second document begins at line 2, column 1"),
        ("a: 1\n'a': 2", "the key \"a\" stands twice at line 2, column 1"),
        ("[&a 1, &a 2]", "the anchor &a stands twice"),
        ("*a", "line 1"),
        ("a:\n  - [", "line 2"),
        ("a: b: c", "line 1"),
        (
            "a: 'x\u{2028}'",
            "U+2028 is a line break to some parsers and not to others; write \"\\u2028\" at line 1, column 6",
        ),
        (
            "\nx\u{85}",
            "U+0085 is a line break to some parsers and not to others; write \"\\u0085\" at line 2, column 2",
        ),
    ] {
        let found = parse(text).unwrap_err();
        assert!(found.contains(error), "{text:?}: {found}");
    }
}

#[test]
fn depth_and_repetition_have_limits() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(parse(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(parse(&nested(MAX_DEPTH + 1)).unwrap_err().split(" at ").next(), Some(&*too_deep()));
    let half = MAX_DEPTH / 2;
    let twice = |more: usize| {
        format!("[&a {}, {}*a{}]", nested(half), "[".repeat(half - 1 + more), "]".repeat(half - 1 + more))
    };
    assert!(parse(&twice(0)).is_ok());
    assert!(parse(&twice(1)).unwrap_err().starts_with(&too_deep()));

    let mut laughs = "a0: &a0 lol\n".to_owned();
    for i in 1..30 {
        laughs += &format!("a{i}: &a{i} [*a{}, *a{0}]\n", i - 1);
    }
    assert!(parse(&laughs).unwrap_err().starts_with("too much is repeated by aliases at line 1"));
    let long = format!("a: &a {}\nb: [{}]", "x".repeat(1 << 16), "*a, ".repeat(16));
    assert!(parse(&long).unwrap_err().starts_with("too much is repeated"));

    for text in ["&a [*a]", "&a {b: *a}", "&a {<<: *a}"] {
        assert!(parse(text).unwrap_err().starts_with("an alias of what is not at its end"), "{text}");
    }
}
