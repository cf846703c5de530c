use std::path::Path;

use serde_json::Value;

use crate::failure::Failure;
use crate::input;

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    Json,
    Yaml,
    Toml,
}

/// Reads a document, in the format that its ending says if none is given.
pub(crate) fn read(path: &Path, format: Option<Format>) -> Result<Value, Failure> {
    let format = format.or_else(|| by_ending(path)).ok_or_else(|| {
        Failure::input(path, "the ending is none of .json, .yaml, .yml, .toml; --format tells the format too")
    })?;
    parse(&input::read_text(path)?, format).map_err(|what| Failure::input(path, what))
}

/// As `hat.json.get_file_format`.
fn by_ending(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()? {
        "json" => Some(Format::Json),
        "yaml" | "yml" => Some(Format::Yaml),
        "toml" => Some(Format::Toml),
        _ => None,
    }
}

fn parse(text: &str, format: Format) -> Result<Value, String> {
    match format {
        Format::Json => serde_json::from_str(text).map_err(|error| error.to_string()),
        Format::Yaml => {
            // As the reference's parser, which knows YAML 1.1: `yes` is true and 010 is eight.
            let options = serde_saphyr::options! { legacy_octal_numbers: true, with_snippet: false };
            serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
        }
        Format::Toml => toml::from_str(text).map(from_toml).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let (line, column) =
                (before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count());
            format!("{} at line {line}, column {}", error.message(), column + 1)
        }),
    }
}

/// The same in JSON, a date being text.
fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(from_toml).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, from_toml(value))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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
            assert_eq!(by_ending(Path::new(path)), format, "{path}");
        }
    }

    #[test]
    fn three_formats_are_one_document() {
        let document = json!({"a": [1, 2.5, true, "x"], "b": {"c": {}}});
        assert_eq!(parse(r#"{"a": [1, 2.5, true, "x"], "b": {"c": {}}}"#, Format::Json), Ok(document.clone()));
        assert_eq!(parse("a: [1, 2.5, true, x]\nb:\n  c: {}\n", Format::Yaml), Ok(document.clone()));
        assert_eq!(parse("a = [1, 2.5, true, 'x']\n[b.c]", Format::Toml), Ok(document));
    }

    #[test]
    fn yaml_is_read_as_the_reference_reads_it() {
        for (text, value) in [
            ("yes", json!(true)),
            ("Off", json!(false)),
            // There these two are text.
            ("y", json!(true)),
            ("n", json!(false)),
            ("'yes'", json!("yes")),
            ("010", json!(8)),
            ("0x1F", json!(31)),
            ("1_000", json!(1000)),
            ("~", json!(null)),
            ("", json!(null)),
            ("{<<: {b: 1}, a: 2}", json!({"a": 2, "b": 1})),
            ("[&x {a: 1}, *x]", json!([{"a": 1}, {"a": 1}])),
        ] {
            assert_eq!(parse(text, Format::Yaml), Ok(value), "{text:?}");
        }
    }

    #[test]
    fn a_date_in_toml_is_text() {
        assert_eq!(parse("a = 2026-03-01", Format::Toml), Ok(json!({"a": "2026-03-01"})));
    }

    #[test]
    fn errors_tell_the_place() {
        for (text, format, place) in [
            ("{\n\"a\"}", Format::Json, "line 2"),
            ("a:\n  - [", Format::Yaml, "line 2"),
            ("\na", Format::Toml, "line 2"),
        ] {
            let error = parse(text, format).unwrap_err();
            assert!(error.contains(place), "{error}");
        }
        let error = parse("a = 1\nb = \n", Format::Toml).unwrap_err();
        assert!(error.ends_with("at line 2, column 5") && !error.contains('\n'), "{error}");
        assert!(parse("a: 1\na: 2", Format::Yaml).is_err());
        assert!(parse("--- 1\n--- 2", Format::Yaml).is_err());
    }
}
