use hat_event_common::json_schema_repo;
use serde_json::json;

use super::*;

fn parse(text: &str, format: Format) -> Result<Value, DocumentError> {
    Document::parse(text, format).map(|document| document.value)
}

#[test]
fn the_ending_tells_the_format() {
    for (path, format) in [
        ("a.json", Some(Format::Json)),
        ("x/a.b.yaml", Some(Format::Yaml)),
        ("a.yml", Some(Format::Yaml)),
        ("a.toml", Some(Format::Toml)),
        ("a.YAML", None),
        ("json", None),
        ("-", None),
    ] {
        assert_eq!(Format::of(Path::new(path)), format, "{path}");
    }
    for name in Format::NAMES {
        assert_eq!(Format::of(Path::new(&format!("a.{name}"))), Some(name.parse().unwrap()));
    }
    assert_eq!("yml".parse::<Format>().unwrap_err().to_string(), "\"yml\" is none of the formats json, yaml, toml");
}

#[test]
fn three_formats_are_one_document() {
    let document = json!({"a": [1, 2.5, true, "x"], "b": {"c": {}}});
    assert_eq!(parse(r#"{"a": [1, 2.5, true, "x"], "b": {"c": {}}}"#, Format::Json), Ok(document.clone()));
    assert_eq!(parse("a: [1, 2.5, true, x]\nb:\n  c: {}\n", Format::Yaml), Ok(document.clone()));
    assert_eq!(parse("a = [1, 2.5, true, 'x']\n[b.c]", Format::Toml), Ok(document));
}

#[test]
fn numbers_of_toml_have_many_forms() {
    let text = "a = [0x1F, 0o17, 0b11, 1_000, -9223372036854775808, +7, 1e3, -0.5, 1_0.2_5]";
    let values = json!([31, 15, 3, 1000, i64::MIN, 7, 1000.0, -0.5, 10.25]);
    assert_eq!(parse(text, Format::Toml), Ok(json!({"a": values})));
}

#[test]
fn what_json_does_not_have_is_an_error() {
    for (text, error) in [
        ("a = 2026-03-01", "/a: 2026-03-01 is a date in TOML; quote it at line 1, column 5"),
        ("[b]\nc = [1, {d = 12:00:00}]", "/b/c/1/d: 12:00:00 is a date in TOML; quote it at line 2, column 14"),
        ("a = -inf", "/a: -inf is a number that JSON does not have at line 1, column 5"),
        ("a = [nan]", "/a/0: nan is a number that JSON does not have at line 1, column 6"),
        ("a = 9223372036854775808", "/a: 9223372036854775808 is too large a number at line 1, column 5"),
        ("a = 1e400", "/a: 1e400 is a number that JSON does not have at line 1, column 5"),
    ] {
        assert_eq!(parse(text, Format::Toml).unwrap_err().to_string(), error);
    }
}

#[test]
fn errors_tell_the_place() {
    for (text, format, error) in [
        ("{\n\"a\"}", Format::Json, "expected `:` at line 2, column 4"),
        ("", Format::Json, "EOF while parsing a value at line 1, column 1"),
        ("a = 1\nb = \n", Format::Toml, "string values must be quoted, expected literal string at line 2, column 5"),
    ] {
        assert_eq!(parse(text, format).unwrap_err().to_string(), error);
    }
    assert_eq!(parse("a:\n  - [", Format::Yaml).unwrap_err().place.line, 2);
    assert_eq!(parse("\na", Format::Toml).unwrap_err().place.line, 2);
}

/// All places of a document: the pointer, where the value stands, and where its key.
fn places(text: &str, format: Format) -> Vec<String> {
    fn walk(document: &Document, pointer: &str, value: &Value, into: &mut Vec<String>) {
        let of =
            |place: Option<Place>| place.map_or("-".to_owned(), |place| format!("{}:{}", place.line, place.column));
        into.push(format!("{pointer} {} {}", of(document.place(pointer)), of(document.key_place(pointer))));
        let fields = value.as_object().into_iter().flatten();
        let fields = fields.map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value));
        let items = value.as_array().into_iter().flatten().enumerate().map(|(i, value)| (i.to_string(), value));
        for (token, value) in fields.chain(items) {
            walk(document, &format!("{pointer}/{token}"), value, into);
        }
    }
    let document = Document::parse(text, format).unwrap();
    let mut all = Vec::new();
    walk(&document, "", &document.value, &mut all);
    all
}

#[test]
fn each_value_has_its_place() {
    let json = "{\"a\": [1, -2.5e+3,\n  \"\\\"é,\\\\\", null], \"\\u0062\":{\n\t\"c/~\" : {} , \"d\": []} }";
    assert_eq!(
        places(json, Format::Json),
        [
            " 1:1 -",
            "/a 1:7 1:2",
            "/a/0 1:8 -",
            "/a/1 1:11 -",
            "/a/2 2:3 -",
            "/a/3 2:13 -",
            "/b 2:29 2:20",
            "/b/c~1~0 3:10 3:2",
            "/b/d 3:20 3:15",
        ]
    );
    assert_eq!(places(" \n \"x\"", Format::Json), [" 2:2 -"]);

    let yaml = "# comment\na: [1, 'é',\n  x]\nb:\n  c/~:\n    {}\n  d: &d\n  - 1\n  - e: 2\nf: *d\ng: {<<: {h: 1}}\n";
    assert_eq!(
        places(yaml, Format::Yaml),
        [
            " 2:1 -",
            "/a 2:4 2:1",
            "/a/0 2:5 -",
            "/a/1 2:8 -",
            "/a/2 3:3 -",
            "/b 5:3 4:1",
            "/b/c~1~0 6:5 5:3",
            "/b/d 8:5 7:3",
            "/b/d/0 8:5 -",
            "/b/d/1 9:5 -",
            "/b/d/1/e 9:8 9:5",
            "/f 10:4 10:1",
            "/f/0 8:5 -",
            "/f/1 9:5 -",
            "/f/1/e 9:8 9:5",
            "/g 11:4 11:1",
            "/g/h 11:13 11:10",
        ]
    );

    let toml = "a = ['é', 1,\n  true]\n[b.'c/~']\nd = {e = 1}\n[[f]]\ng = 1\n[[f]]\n";
    assert_eq!(
        places(toml, Format::Toml),
        [
            " 1:1 -",
            "/a 1:5 1:1",
            "/a/0 1:6 -",
            "/a/1 1:11 -",
            "/a/2 2:3 -",
            "/b 3:2 3:2",
            "/b/c~1~0 3:1 3:4",
            "/b/c~1~0/d 4:5 4:1",
            "/b/c~1~0/d/e 4:10 4:6",
            "/f 5:1 5:3",
            "/f/0 5:1 -",
            "/f/0/g 6:5 6:1",
            "/f/1 7:1 -",
        ]
    );
}

#[test]
fn nothing_has_a_place_that_is_not_there() {
    let document = Document::parse("a: [1]", Format::Yaml).unwrap();
    for pointer in ["/b", "/a/1", "/a/x", "/a/0/0", "a"] {
        assert_eq!(document.key_place(pointer), None, "{pointer}");
    }
    for pointer in ["/b", "/a/1", "/a/x", "/a/0/0"] {
        assert_eq!(document.place(pointer), None, "{pointer}");
    }
    let nobody = Document::from(json!({"a": 1}));
    assert_eq!((nobody.place(""), nobody.place("/a"), nobody.key_place("/a")), (None, None, None));
}

#[test]
fn remarks_tell_what_others_read_differently() {
    let remarks = |text: &str, format| -> Vec<String> {
        let document = Document::parse(text, format).unwrap();
        document.remarks().iter().map(|remark| format!("{}: {}", remark.place, remark.message)).collect()
    };
    assert_eq!(
        remarks("a: [yes, 'no', !!str on, 1]\nb: {<<: {c: 017}}\n", Format::Yaml),
        [
            "line 1, column 5: yes is true here, and text to a reader of YAML 1.2",
            "line 2, column 5: << merges mappings, and is a key like any other to a reader of YAML 1.2",
            "line 2, column 13: 017 is 15 here, and 17 to a reader of YAML 1.2",
        ]
    );
    let twice = "{\"a\": {\"b\": 1, \"b\": 2}, \"c\": [{}],\n \"a\": 1}";
    assert_eq!(parse(twice, Format::Json), Ok(json!({"a": 1, "c": [{}]})));
    assert_eq!(
        remarks(twice, Format::Json),
        [
            "line 1, column 16: the key \"b\" stands twice, and only the last counts",
            "line 2, column 2: the key \"a\" stands twice, and only the last counts",
        ]
    );
    assert_eq!(remarks("a = 0o17", Format::Toml), Vec::<String>::new());
}

#[test]
fn long_lines_do_not_take_long() {
    let items = 200_000;
    for (text, format) in [
        (format!("a = [{}]", "'é',".repeat(items)), Format::Toml),
        (format!("{{\"a\": [{}1]}}", "\"é\",".repeat(items - 1)), Format::Json),
    ] {
        let document = Document::parse(&text, format).unwrap();
        let last = format!("/a/{}", items - 1);
        assert_eq!(
            document.place(&last).unwrap().column,
            text.chars().count() - if format == Format::Toml { 4 } else { 2 }
        );
    }
}

/// Of all values in some long documents, that what stands at their place begins as they do.
#[test]
fn values_stand_where_their_place_says() {
    fn walk(document: &Document, lines: &[&str], pointer: &str, value: &Value) -> usize {
        let place = document.place(pointer).unwrap();
        let first = lines[place.line - 1].chars().nth(place.column - 1).unwrap();
        assert_eq!(value.to_string().chars().next(), Some(first), "{pointer} at {place}");
        let fields = value.as_object().into_iter().flatten();
        let fields = fields.map(|(key, value)| (key.replace('~', "~0").replace('/', "~1"), value));
        let items = value.as_array().into_iter().flatten().enumerate().map(|(i, value)| (i.to_string(), value));
        let parts = fields.chain(items);
        1 + parts.map(|(token, value)| walk(document, lines, &format!("{pointer}/{token}"), value)).sum::<usize>()
    }
    let mut values = 0;
    for id in json_schema_repo().ids() {
        let schema = json_schema_repo().get(id).unwrap();
        for text in [serde_json::to_string(schema).unwrap(), serde_json::to_string_pretty(schema).unwrap()] {
            for format in [Format::Json, Format::Yaml] {
                let document = Document::parse(&text, format).unwrap();
                assert_eq!(document.value(), schema);
                values += walk(&document, &text.lines().collect::<Vec<_>>(), "", schema);
            }
        }
    }
    assert!(values > 1000, "{values}");
}
