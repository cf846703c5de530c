use std::fmt;

use serde_json::Value;

use crate::{JsonSchemaError, SchemaRepository};

/// What is known about a plugin before there is one: how it is made (`C`), and of which configuration.
///
/// See [`BackendInfo`](crate::BackendInfo) and [`ModuleInfo`](crate::ModuleInfo).
#[derive(Clone)]
pub struct PluginInfo<C> {
    pub(crate) create: C,
    schema: Option<(String, SchemaRepository)>,
}

impl<C> PluginInfo<C> {
    pub(crate) fn of(create: C) -> Self {
        Self { create, schema: None }
    }

    /// Sets the schema that a configuration has to match: its id, and the repository that has it.
    ///
    /// Without one every configuration is taken, and the plugin itself has to look at it.
    pub fn with_schema(self, id: impl Into<String>, repo: SchemaRepository) -> Self {
        Self { schema: Some((id.into(), repo)), ..self }
    }

    /// The id of the schema that a configuration has to match.
    pub fn json_schema_id(&self) -> Option<&str> {
        self.schema.as_ref().map(|(id, _)| id.as_str())
    }

    /// The repository that has that schema.
    pub fn json_schema_repo(&self) -> Option<&SchemaRepository> {
        self.schema.as_ref().map(|(_, repo)| repo)
    }

    /// Checks a configuration, which making a plugin of it does too.
    ///
    /// # Errors
    ///
    /// [`JsonSchemaError::Violated`] with all that is wrong in it, or another if the schema is at fault.
    pub fn validate(&self, conf: &Value) -> Result<(), JsonSchemaError> {
        self.schema.as_ref().map_or(Ok(()), |(id, repo)| repo.validate(id, conf))
    }
}

impl<C> fmt::Debug for PluginInfo<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PluginInfo").field("json_schema_id", &self.json_schema_id()).finish_non_exhaustive()
    }
}
