use std::error::Error;

use crate::JsonSchemaError;

/// Any error, as plugins return it.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a plugin could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// There is no plugin with that name.
    #[error(transparent)]
    Unknown(#[from] UnknownPluginError),
    /// The configuration is not as the plugin's JSON schema says.
    #[error("configuration is {0}")]
    Conf(JsonSchemaError),
    /// The plugin itself failed.
    #[error(transparent)]
    Create(BoxError),
}

/// A name under which no plugin is known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no plugin {name}; known are {}", if known.is_empty() { "none".to_owned() } else { known.join(", ") })]
pub struct UnknownPluginError {
    /// What was asked for.
    pub name: String,
    /// The names that there are, in alphabetical order.
    pub known: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BackendClosedError, BackendError, EngineError, Violation};

    /// What a user reads who is shown an error and all its sources.
    fn chain(error: &dyn Error) -> Vec<String> {
        let mut texts = vec![error.to_string()];
        let mut source = error.source();
        while let Some(error) = source {
            texts.push(error.to_string());
            source = error.source();
        }
        texts
    }

    #[test]
    fn no_source_repeats_what_was_said() {
        let boxed = || -> BoxError { std::io::Error::other("inner").into() };
        let violated = || JsonSchemaError::Violated {
            id: "a://a".to_owned(),
            violations: vec![Violation {
                pointer: String::new(),
                rule: "a://a#/type".to_owned(),
                message: "no".to_owned(),
            }],
        };
        let unusable = || JsonSchemaError::Unusable { id: "a://a".to_owned(), reason: "inner".to_owned() };
        let unknown = || UnknownPluginError { name: "a".to_owned(), known: Vec::new() };
        let errors: [BoxError; 14] = [
            PluginError::from(unknown()).into(),
            PluginError::Conf(violated()).into(),
            PluginError::Conf(unusable()).into(),
            PluginError::Create(boxed()).into(),
            PluginError::Create(Box::new(PluginError::Conf(violated()))).into(),
            BackendError::from(BackendClosedError).into(),
            BackendError::InvalidQuery(boxed()).into(),
            BackendError::Failed(boxed()).into(),
            EngineError::Closed.into(),
            EngineError::from(BackendError::from(BackendClosedError)).into(),
            EngineError::from(BackendError::InvalidQuery(boxed())).into(),
            EngineError::from(BackendError::Failed(boxed())).into(),
            EngineError::Failed(boxed()).into(),
            EngineError::Failed(Box::new(BackendError::InvalidQuery(boxed()))).into(),
        ];
        for error in errors {
            let chain = chain(&*error);
            for (said, source) in chain.iter().zip(chain.iter().skip(1)) {
                assert!(!said.contains(source.as_str()), "{error:?} says {chain:?}");
            }
        }
    }
}
