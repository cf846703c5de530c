mod builtin;
mod validate;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

pub use builtin::json_schema_repo;
pub use validate::Violation;

/// The dialect of a schema that does not name one.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// JSON schemas by their ids, to check configurations against.
///
/// Schemas refer to one another by id, and to nothing outside of their repository. Cloning shares the schemas.
///
/// ```
/// use hat_event_plugin::SchemaRepository;
/// use serde_json::json;
///
/// let mut repo = SchemaRepository::new();
/// repo.add(json!({"$id": "my://conf.yaml", "type": "object", "required": ["period"]}))?;
/// repo.validate("my://conf.yaml", &json!({"period": 5}))?;
///
/// let error = repo.validate("my://conf.yaml", &json!({"perod": 5})).unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "not as my://conf.yaml says: \"period\" is a required property, at the top (my://conf.yaml#/required)"
/// );
/// # Ok::<(), hat_event_plugin::JsonSchemaError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SchemaRepository {
    schemas: BTreeMap<String, Arc<Value>>,
}

/// What is wrong with a schema, or with a document that is checked against one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonSchemaError {
    /// A schema has no `$id` (or `id`, as older dialects call it).
    #[error("schema without $id")]
    NoId,
    /// Another schema has the same id.
    #[error("there is another schema with id {0}")]
    Conflict(String),
    /// There is no such schema.
    #[error("there is no schema {id}; known are {}", known.join(", "))]
    Unknown {
        /// What was asked for.
        id: String,
        /// The ids that there are.
        known: Vec<String>,
    },
    /// A schema contradicts its dialect, or refers to something that there is not.
    #[error("schema {id} cannot be used: {reason}")]
    Unusable {
        /// The schema.
        id: String,
        /// What is wrong with it, or with one that it refers to.
        reason: String,
    },
    /// The document is not as the schema says.
    #[error("not as {id} says: {}", join(violations))]
    Violated {
        /// The schema.
        id: String,
        /// Each contradiction, ordered by its place in the document; at least one.
        violations: Vec<Violation>,
    },
}

impl SchemaRepository {
    /// Makes an empty repository.
    pub const fn new() -> Self {
        Self { schemas: BTreeMap::new() }
    }

    /// Adds a schema under its `$id`, without the fragment that may end it.
    ///
    /// Of a schema without `$schema` the dialect is draft 2020-12.
    ///
    /// # Errors
    ///
    /// [`JsonSchemaError::NoId`], or [`JsonSchemaError::Conflict`] if another schema has the same id; adding the same schema again
    /// is none.
    pub fn add(&mut self, mut schema: Value) -> Result<(), JsonSchemaError> {
        let id = ["$id", "id"].iter().find_map(|key| schema.get(key)?.as_str()).unwrap_or_default();
        let id = id.split('#').next().filter(|id| !id.is_empty()).ok_or(JsonSchemaError::NoId)?.to_owned();
        if let Some(fields) = schema.as_object_mut() {
            fields.entry("$schema").or_insert_with(|| DIALECT.into());
        }
        self.insert(id, Arc::new(schema))
    }

    /// Adds all schemas of another repository.
    ///
    /// # Errors
    ///
    /// [`JsonSchemaError::Conflict`] if both have different schemas with the same id; what precedes that id was added.
    pub fn merge(&mut self, other: &Self) -> Result<(), JsonSchemaError> {
        other.schemas.iter().try_for_each(|(id, schema)| self.insert(id.clone(), Arc::clone(schema)))
    }

    /// The schema with an id.
    pub fn get(&self, id: &str) -> Option<&Value> {
        self.schemas.get(id).map(Arc::as_ref)
    }

    /// The ids of all schemas, in alphabetical order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.schemas.keys().map(String::as_str)
    }

    /// Checks a document.
    ///
    /// The id may end in a fragment: `hat-event://server.yaml#/$defs/backend` is what every backend's configuration has to
    /// be.
    ///
    /// This is for configurations, which an operator writes. Where schemas offer alternatives that contain one another,
    /// as the conditions in `hat-event://backends/lmdb.yaml` do, the time to check grows exponentially with their depth.
    ///
    /// # Errors
    ///
    /// [`JsonSchemaError::Violated`] with all that is wrong in the document; [`JsonSchemaError::Unknown`] or
    /// [`JsonSchemaError::Unusable`] if the schema is at fault.
    pub fn validate(&self, id: &str, document: &Value) -> Result<(), JsonSchemaError> {
        if !self.schemas.contains_key(id.split('#').next().unwrap_or_default()) {
            return Err(JsonSchemaError::Unknown { id: id.to_owned(), known: self.ids().map(str::to_owned).collect() });
        }
        let schemas = self.schemas.iter().map(|(id, schema)| (id, &**schema));
        let violations = validate::violations(schemas, id, document)
            .map_err(|reason| JsonSchemaError::Unusable { id: id.to_owned(), reason })?;
        if violations.is_empty() { Ok(()) } else { Err(JsonSchemaError::Violated { id: id.to_owned(), violations }) }
    }

    fn insert(&mut self, id: String, schema: Arc<Value>) -> Result<(), JsonSchemaError> {
        match self.schemas.get(&id) {
            Some(other) if *other != schema => Err(JsonSchemaError::Conflict(id)),
            _ => {
                self.schemas.insert(id, schema);
                Ok(())
            }
        }
    }
}

fn join(violations: &[Violation]) -> String {
    violations.iter().map(Violation::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn repo(schemas: impl IntoIterator<Item = Value>) -> SchemaRepository {
        let mut repo = SchemaRepository::new();
        for schema in schemas {
            repo.add(schema).unwrap();
        }
        repo
    }

    #[test]
    fn schemas_are_kept_under_their_ids() {
        let repo = repo([json!({"$id": "a://b.yaml#"}), json!({"id": "a://a.yaml", "type": "object"})]);
        assert_eq!(repo.ids().collect::<Vec<_>>(), ["a://a.yaml", "a://b.yaml"]);
        assert_eq!(repo.get("a://b.yaml"), Some(&json!({"$id": "a://b.yaml#", "$schema": DIALECT})));
        for schema in [json!({}), json!({"$id": ""}), json!({"$id": "#x"}), json!({"$id": 1}), json!([]), json!(true)] {
            assert_eq!(SchemaRepository::new().add(schema), Err(JsonSchemaError::NoId));
        }
    }

    #[test]
    fn one_id_is_one_schema() {
        let (one, other) = (json!({"$id": "a://a"}), json!({"$id": "a://a", "type": "null"}));
        let mut first = repo([one.clone()]);
        assert_eq!(first.add(other.clone()), Err(JsonSchemaError::Conflict("a://a".to_owned())));
        assert_eq!(first.merge(&repo([other])), Err(JsonSchemaError::Conflict("a://a".to_owned())));
        first.merge(&repo([json!({"$id": "a://b"}), one.clone()])).unwrap();
        assert_eq!(first.add(one.clone()), Ok(()));
        assert_eq!(first, repo([one, json!({"$id": "a://b", "$schema": DIALECT})]));
    }

    #[test]
    fn what_is_not_there_is_not_fetched() {
        let repo = repo([json!({"$id": "a://a", "properties": {"x": {"$ref": "https://example.com/b"}}})]);
        let error = repo.validate("a://a", &json!({})).unwrap_err();
        assert!(matches!(&error, JsonSchemaError::Unusable { id, .. } if id == "a://a"));
        assert!(error.to_string().contains("https://example.com/b"), "{error}");
        assert_eq!(
            repo.validate("a://b", &json!({})).unwrap_err().to_string(),
            "there is no schema a://b; known are a://a"
        );
        assert!(matches!(repo.validate("a://a#/nowhere", &json!({})), Err(JsonSchemaError::Unusable { .. })));
    }

    #[test]
    fn unusable_schemas_are_told() {
        for schema in [
            json!({"$id": "a://a", "type": "text"}),
            json!({"$id": "a://a", "pattern": "("}),
            json!({"$id": "a://a", "$schema": "https://example.com/dialect"}),
        ] {
            let result = repo([schema.clone()]).validate("a://a", &json!(""));
            assert!(matches!(result, Err(JsonSchemaError::Unusable { .. })), "{schema}: {result:?}");
        }
    }
}
