use std::error::Error;
use std::fmt;

use jsonschema::{Registry, Retrieve, Uri, ValidationError};
use serde_json::{Value, json};

/// One contradiction between a document and a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The place in the document, as JSON pointer (RFC 6901): `/modules/0/module`, or empty for the whole.
    pub pointer: String,
    /// The rule, as absolute keyword location: `hat-event://server.yaml#/$defs/module/required`.
    pub rule: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the top" } else { &self.pointer };
        write!(f, "{}, at {place} ({})", self.message, self.rule)
    }
}

/// What of a document contradicts the schema `id`, or why that schema cannot be used.
pub(super) fn violations<'a>(
    schemas: impl Iterator<Item = (&'a String, &'a Value)>,
    id: &str,
    document: &Value,
) -> Result<Vec<Violation>, String> {
    let registry = Registry::new().retriever(Refuse).extend(schemas).and_then(|builder| builder.prepare());
    let registry = registry.map_err(|error| with_sources(&error))?;
    let root = json!({ "$ref": id });
    let validator = jsonschema::options().with_retriever(Refuse).with_registry(&registry).build(&root);
    let validator = validator.map_err(|error| with_sources(&error))?;
    let mut violations: Vec<Violation> = validator.iter_errors(document).map(describe).collect();
    violations.sort();
    Ok(violations)
}

fn describe(error: ValidationError<'_>) -> Violation {
    let rule = error.absolute_keyword_location().map(Uri::to_string);
    // Of a long value the place says enough.
    let message = match &**error.instance() {
        Value::Array(_) | Value::Object(_) => error.masked_with("this").to_string(),
        _ => error.to_string(),
    };
    Violation {
        pointer: error.instance_path().to_string(),
        rule: rule.unwrap_or_else(|| error.schema_path().to_string()),
        message,
    }
}

/// All that refers outside of the repository is an error.
struct Refuse;

impl Retrieve for Refuse {
    fn retrieve(&self, _uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        Err("there is no such schema".into())
    }
}

fn with_sources(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let message = error.to_string();
        if !text.contains(&message) {
            text = format!("{text}: {message}");
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(schema: Value, document: Value) -> Vec<String> {
        let id = "a://a".to_owned();
        let found = violations([(&id, &schema)].into_iter(), &id, &document).unwrap();
        found.iter().map(Violation::to_string).collect()
    }

    #[test]
    fn each_violation_has_its_place_and_rule() {
        let schema = json!({"$id": "a://a", "properties": {"x/y": {"items": {"type": "integer"}}}, "required": ["z"]});
        let found = check(schema, json!({"x/y": [1, "2", 3.5]}));
        assert_eq!(
            found,
            [
                "\"z\" is a required property, at the top (a://a#/required)",
                "\"2\" is not of type \"integer\", at /x~1y/1 (a://a#/properties/x~1y/items/type)",
                "3.5 is not of type \"integer\", at /x~1y/2 (a://a#/properties/x~1y/items/type)",
            ]
        );
    }

    #[test]
    fn messages_do_not_repeat_the_document() {
        let found = check(json!({"$id": "a://a", "oneOf": [{"type": "null"}]}), json!({"k": "v".repeat(10_000)}));
        assert_eq!(found.len(), 1);
        assert!(found[0].len() < 200, "{}", found[0]);
    }
}
