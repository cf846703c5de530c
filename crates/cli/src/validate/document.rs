use std::path::Path;

use serde_json::{Number, Value};

use super::{place, yaml};
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
        Format::Yaml => yaml::parse(text),
        Format::Toml => {
            let place = |error: &toml::de::Error| place::of_byte(text, error.span().map_or(0, |span| span.start));
            toml::from_str(text).map_err(|error| error.message().to_owned() + &place(&error)).and_then(from_toml)
        }
    }
}

/// The same in JSON, which has neither dates nor infinite numbers.
fn from_toml(value: toml::Value) -> Result<Value, String> {
    let within = |place: &dyn std::fmt::Display, value| from_toml(value).map_err(|what| format!("/{place}{what}"));
    Ok(match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => {
            Number::from_f64(number).ok_or_else(|| format!(": {number} is a number that JSON does not have"))?.into()
        }
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(date) => return Err(format!(": {date} is a date in TOML; quote it")),
        toml::Value::Array(items) => {
            items.into_iter().enumerate().map(|(i, item)| within(&i, item)).collect::<Result<_, _>>()?
        }
        toml::Value::Table(table) => {
            let fields = table.into_iter().map(|(key, value)| Ok((key.clone(), within(&key, value)?)));
            fields.collect::<Result<_, String>>()?
        }
    })
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
    fn what_json_does_not_have_is_an_error() {
        for (text, error) in [
            ("a = 2026-03-01", "/a: 2026-03-01 is a date in TOML; quote it"),
            ("[b]\nc = [1, {d = 12:00:00}]", "/b/c/1/d: 12:00:00 is a date in TOML; quote it"),
            ("a = -inf", "/a: -inf is a number that JSON does not have"),
            ("a = [nan]", "/a/0: NaN is a number that JSON does not have"),
        ] {
            assert_eq!(parse(text, Format::Toml).unwrap_err(), error);
        }
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
    }
}
