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
    Conf(#[from] JsonSchemaError),
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
