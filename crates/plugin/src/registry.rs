use std::collections::BTreeMap;

use crate::UnknownPluginError;

/// Plugins of one kind by their names.
///
/// It takes the place of Python's import of modules. A program builds one of what it is made of, most often starting
/// from a registry that a crate of plugins gives, and passes it down to where configurations are read. Names are those of
/// the Python modules (`hat.event.backends.memory`), so that existing configurations work; plugins of your own have any
/// name.
///
/// ```
/// let mut registry = hat_event_plugin::Registry::new();
/// registry.insert("one", 1);
/// registry.insert("two", 2);
/// assert_eq!(registry.get("two"), Ok(&2));
/// assert_eq!(registry.get("three").unwrap_err().to_string(), "there is no plugin three; known are one, two");
/// ```
#[derive(Clone, Debug)]
pub struct Registry<T> {
    plugins: BTreeMap<String, T>,
}

impl<T> Registry<T> {
    /// Makes an empty registry.
    pub const fn new() -> Self {
        Self { plugins: BTreeMap::new() }
    }

    /// Adds a plugin. One that had the same name is replaced and returned.
    pub fn insert(&mut self, name: impl Into<String>, plugin: T) -> Option<T> {
        self.plugins.insert(name.into(), plugin)
    }

    /// The plugin with a name.
    ///
    /// # Errors
    ///
    /// [`UnknownPluginError`], which lists the known names.
    pub fn get(&self, name: &str) -> Result<&T, UnknownPluginError> {
        self.plugins
            .get(name)
            .ok_or_else(|| UnknownPluginError { name: name.to_owned(), known: self.plugins.keys().cloned().collect() })
    }

    /// The names of all plugins, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.plugins.keys().map(String::as_str)
    }
}

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        let mut registry = Registry::default();
        assert_eq!(registry.get("x").unwrap_err().to_string(), "there is no plugin x; known are none");
        assert_eq!(registry.insert("b", 1), None);
        assert_eq!(registry.insert("a", 2), None);
        assert_eq!(registry.insert("a", 3), Some(2));
        assert_eq!(registry.get("a"), Ok(&3));
        assert_eq!(registry.get("A").unwrap_err().to_string(), "there is no plugin A; known are a, b");
        assert_eq!(registry.names().collect::<Vec<_>>(), ["a", "b"]);
    }
}
