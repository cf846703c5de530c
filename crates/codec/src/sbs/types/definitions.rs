use std::collections::{HashMap, HashSet};

use crate::sbs::schema::{Definition, Module, Name, SchemaError, SchemaErrorKind};

/// All definitions of modules, by the names of module and type.
pub(super) struct Definitions<'a> {
    modules: HashMap<&'a str, HashMap<&'a str, Defined<'a>>>,
}

/// A definition and the module in which it stands.
#[derive(Clone, Copy)]
pub(super) struct Defined<'a> {
    pub(super) module: &'a Module,
    pub(super) definition: &'a Definition,
}

impl<'a> Definitions<'a> {
    /// # Errors
    ///
    /// [`SchemaErrorKind::Duplicate`] if two modules, types of a module or parameters of a type share a name.
    pub(super) fn new(modules: &[&'a Module]) -> Result<Self, SchemaError> {
        let mut names = HashSet::new();
        let mut all = HashMap::new();
        for &module in modules {
            unique(module, "module", &module.name, &mut names)?;
            let mut names = HashSet::new();
            let mut definitions = HashMap::new();
            for definition in &module.definitions {
                unique(module, "type", &definition.name, &mut names)?;
                let mut names = HashSet::new();
                for parameter in &definition.parameters {
                    unique(module, "parameter", parameter, &mut names)?;
                }
                definitions.insert(&*definition.name.text, Defined { module, definition });
            }
            all.insert(&*module.name.text, definitions);
        }
        Ok(Self { modules: all })
    }

    /// What a reference in a module means; without a module's name it means that module.
    ///
    /// # Errors
    ///
    /// [`SchemaErrorKind::UnknownModule`], [`SchemaErrorKind::UnknownType`].
    pub(super) fn find(&self, here: &Module, module: Option<&Name>, name: &Name) -> Result<Defined<'a>, SchemaError> {
        let Name { text: module, at } = module.unwrap_or(&here.name);
        let Some(definitions) = self.modules.get(&**module) else {
            return Err(here.error(*at, SchemaErrorKind::UnknownModule(module.to_string())));
        };
        definitions.get(&*name.text).copied().ok_or_else(|| {
            let (module, text) = (module.to_string(), name.text.to_string());
            here.error(name.at, SchemaErrorKind::UnknownType { module, name: text })
        })
    }
}

impl Defined<'_> {
    pub(super) fn name(self) -> String {
        self.definition.name.text.to_string()
    }

    /// An error about the definition as a whole.
    #[cold]
    pub(super) fn error(self, kind: SchemaErrorKind) -> SchemaError {
        self.module.error(self.definition.name.at, kind)
    }
}

/// Adds a name of something to those that there are.
///
/// # Errors
///
/// [`SchemaErrorKind::Duplicate`] if it is there already.
pub(super) fn unique<'a>(
    module: &Module,
    what: &'static str,
    name: &'a Name,
    names: &mut HashSet<&'a str>,
) -> Result<(), SchemaError> {
    if names.insert(&name.text) {
        return Ok(());
    }
    Err(module.error(name.at, SchemaErrorKind::Duplicate { what, name: name.text.to_string() }))
}

#[cfg(test)]
mod tests {
    use crate::Repository;

    fn error(texts: &[&str]) -> String {
        let builder = texts.iter().fold(Repository::builder(), |builder, text| builder.schema("test", *text));
        builder.build().unwrap_err().to_string()
    }

    #[test]
    fn names_without_a_meaning_are_errors() {
        for (text, expected) in [
            ("module A\nT = X", "2:5: there is no type X in module A"),
            ("module A\nT = Array( a)", "2:12: there is no type a in module A"),
            ("module A\nT = B.X", "2:5: there is no module B"),
            ("module A\nT = A.X", "2:7: there is no type X in module A"),
            ("module A\nT = A.Integer", "2:7: there is no type Integer in module A"),
            // Also where nothing uses the definition.
            ("module A\nT(a) = Record{a: a b: b}", "2:23: there is no type b in module A"),
            ("module A\nT(a) = A.a", "2:10: there is no type a in module A"),
        ] {
            assert_eq!(error(&[text]), format!("test:{expected}"), "{text}");
        }
    }

    #[test]
    fn what_is_defined_twice_is_an_error() {
        for (text, expected) in [
            ("module A\nT = None\nT(a) = a", "3:1: type T is defined twice"),
            ("module A T(a a) = None", "1:14: parameter a is defined twice"),
            ("module A T = Record{a: None a: None}", "1:29: field a is defined twice"),
            ("module A T = Array(Choice{a: None b: None a: None})", "1:43: option a is defined twice"),
        ] {
            assert_eq!(error(&[text]), format!("test:{expected}"), "{text}");
        }
        assert_eq!(error(&["module A", "module B", "module A"]), "test:1:8: module A is defined twice");
    }
}
