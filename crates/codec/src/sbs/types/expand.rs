use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::definitions::{Defined, Definitions, unique};
use super::{Arena, Entry, Kind, TypeId};
use crate::sbs::schema::{self, Definition, Expression, Module, Name, SchemaError, SchemaErrorKind};

/// How many expressions are expanded in all. The largest schemas in use have a few hundred.
const MAX_EXPANDED: usize = 1 << 16;

/// All definitions of modules with their parameters replaced.
pub(crate) struct Expanded<'a> {
    pub(super) shapes: Arena<Shape<'a>>,
    /// The types without parameters, under `Module.Name`.
    pub(crate) named: Vec<(String, TypeId)>,
}

/// A type, and the definition in which it was met first; builtins have none.
pub(super) struct Shape<'a> {
    pub(super) form: Form,
    pub(super) origin: Option<Defined<'a>>,
}

/// What a type is.
pub(super) enum Form {
    Kind(Kind),
    /// A definition with its arguments in place is what its body is.
    Definition {
        body: TypeId,
    },
}

/// Resolves all references and replaces all parameters.
///
/// Definitions with parameters that nothing uses are expanded too, with `None` as arguments, to find what is wrong
/// with them.
///
/// # Errors
///
/// [`SchemaError`] about names, arguments, or expansion that does not end.
pub(crate) fn expand<'a>(modules: &[&'a Module]) -> Result<Expanded<'a>, SchemaError> {
    let mut expander = Expander {
        definitions: Definitions::new(modules)?,
        shapes: Kind::SIMPLE.map(|kind| Shape { form: Form::Kind(kind), origin: None }).into_iter().collect(),
        interned: Kind::SIMPLE.into_iter().zip((0..).map(TypeId)).collect(),
        instances: HashMap::new(),
        queue: VecDeque::new(),
        expanded: 0,
    };
    let mut named = Vec::new();
    for &module in modules {
        for definition in &module.definitions {
            let arguments = vec![TypeId::NONE; definition.parameters.len()];
            let id = expander.instance(Defined { module, definition }, arguments);
            if definition.parameters.is_empty() {
                named.push((format!("{}.{}", module.name.text, definition.name.text), id));
            }
        }
    }
    // One after the other, not one within the other: types may refer to each other in any depth.
    while let Some((id, scope)) = expander.queue.pop_front() {
        let body = expander.expression(&scope.defined.definition.body, &scope)?;
        expander.shapes[id].form = Form::Definition { body };
    }
    Ok(Expanded { shapes: expander.shapes, named })
}

struct Expander<'a> {
    definitions: Definitions<'a>,
    shapes: Arena<Shape<'a>>,
    /// Types of the same structure are one, which lets recursion with arguments come back to where it began.
    interned: HashMap<Kind, TypeId>,
    /// Each definition with each list of arguments.
    instances: HashMap<(*const Definition, Vec<TypeId>), TypeId>,
    /// Instances whose body is not expanded yet.
    queue: VecDeque<(TypeId, Scope<'a>)>,
    expanded: usize,
}

/// What names stand for in the body of a definition.
struct Scope<'a> {
    defined: Defined<'a>,
    arguments: Vec<TypeId>,
}

impl<'a> Expander<'a> {
    fn instance(&mut self, defined: Defined<'a>, arguments: Vec<TypeId>) -> TypeId {
        let key = (std::ptr::from_ref(defined.definition), arguments);
        if let Some(id) = self.instances.get(&key) {
            return *id;
        }
        // The body is not known yet; whoever needs it waits for `queue` to be empty.
        let id = self.shapes.push(Shape { form: Form::Definition { body: TypeId::NONE }, origin: Some(defined) });
        self.queue.push_back((id, Scope { defined, arguments: key.1.clone() }));
        self.instances.insert(key, id);
        id
    }

    fn intern(&mut self, kind: Kind, scope: &Scope<'a>) -> TypeId {
        let shapes = &mut self.shapes;
        let shape = |kind: &Kind| Shape { form: Form::Kind(kind.clone()), origin: Some(scope.defined) };
        *self.interned.entry(kind).or_insert_with_key(|kind| shapes.push(shape(kind)))
    }

    /// Recurses as deep as the text nests, which the parser limits.
    fn expression(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Result<TypeId, SchemaError> {
        self.expanded += 1;
        if self.expanded > MAX_EXPANDED {
            return Err(scope.defined.error(SchemaErrorKind::EndlessExpansion(scope.defined.name())));
        }
        match expression {
            Expression::Reference { module, name, arguments } => {
                self.reference(module.as_ref(), name, arguments, scope)
            }
            Expression::Record(fields) => {
                let kind = Kind::Record(self.entries("field", fields, scope)?);
                Ok(self.intern(kind, scope))
            }
            Expression::Choice(options) => {
                let kind = Kind::Choice(self.entries("option", options, scope)?);
                Ok(self.intern(kind, scope))
            }
        }
    }

    fn entries(
        &mut self,
        what: &'static str,
        entries: &'a [schema::Entry],
        scope: &Scope<'a>,
    ) -> Result<Arc<[Entry]>, SchemaError> {
        let mut names = HashSet::new();
        entries
            .iter()
            .map(|entry| {
                unique(scope.defined.module, what, &entry.name, &mut names)?;
                Ok(Entry { name: entry.name.text.clone(), id: self.expression(&entry.body, scope)? })
            })
            .collect()
    }

    /// As in the reference's `hat.sbs.evaluator`, parameters hide builtins, and builtins what the module defines.
    fn reference(
        &mut self,
        module: Option<&'a Name>,
        name: &'a Name,
        arguments: &'a [Expression],
        scope: &Scope<'a>,
    ) -> Result<TypeId, SchemaError> {
        let here = scope.defined.module;
        let wrong_count = |expected| {
            let (found, at, name) = (arguments.len(), name.at, name.text.to_string());
            here.error(at, SchemaErrorKind::ArgumentCount { name, expected, found })
        };
        let takes = |expected| if arguments.len() == expected { Ok(()) } else { Err(wrong_count(expected)) };
        if module.is_none() {
            let mut parameters = scope.defined.definition.parameters.iter().zip(&scope.arguments);
            if let Some((_, id)) = parameters.find(|(parameter, _)| parameter.text == name.text) {
                return takes(0).map(|()| *id);
            }
            if let Some(id) = Kind::simple(&name.text) {
                return takes(0).map(|()| id);
            }
            if let "Array" | "Optional" = &*name.text {
                let [argument] = arguments else { return Err(wrong_count(1)) };
                let item = self.expression(argument, scope)?;
                let kind = if name.text == "Array" { Kind::Array(item) } else { Kind::Optional(item) };
                return Ok(self.intern(kind, scope));
            }
        }
        let defined = self.definitions.find(here, module, name)?;
        takes(defined.definition.parameters.len())?;
        let arguments: Vec<_> =
            arguments.iter().map(|argument| self.expression(argument, scope)).collect::<Result<_, _>>()?;
        Ok(self.instance(defined, arguments))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbs::schema::parse;

    fn names(texts: &[&str]) -> Result<Vec<String>, String> {
        let modules: Vec<Module> = texts.iter().map(|text| parse("test", &(*text).into()).unwrap()).collect();
        let modules: Vec<&Module> = modules.iter().collect();
        let expanded = expand(&modules).map_err(|error| error.to_string())?;
        Ok(expanded.named.into_iter().map(|(name, _)| name).collect())
    }

    #[test]
    fn references_lead_to_any_module_in_any_order() {
        let texts =
            ["module A T = B.T U = Record{a: B.P(T Integer)}", "module B T = A.U P(x, y) = Record{x: x y: Array(y)}"];
        assert_eq!(names(&texts), Ok(["A.T", "A.U", "B.T"].map(String::from).to_vec()));
    }

    #[test]
    fn arguments_are_counted() {
        for (text, error) in [
            ("T = Integer(None)", "1 arguments given to Integer, which takes 0"),
            ("T = Array", "0 arguments given to Array, which takes 1"),
            ("T = Array()", "0 arguments given to Array, which takes 1"),
            ("T = Optional(None None)", "2 arguments given to Optional, which takes 1"),
            ("T = U U(a) = a", "0 arguments given to U, which takes 1"),
            ("T = U(None None) U(a) = a", "2 arguments given to U, which takes 1"),
            ("T = U(None) U = None", "1 arguments given to U, which takes 0"),
        ] {
            assert_eq!(names(&[&format!("module A {text}")]), Err(format!("test:1:14: {error}")), "{text}");
        }
        let error = "test:1:17: 1 arguments given to a, which takes 0".to_owned();
        assert_eq!(names(&["module A T(a) = a(None)"]), Err(error));
        assert!(names(&["module A T = U() U() = Integer()"]).is_ok());
    }

    #[test]
    fn expansion_ends_where_arguments_come_back() {
        for text in [
            "T = Record{children: Array(T)}",
            "T(a) = Record{a: a next: Optional(T(a))} U = T(Integer)",
            "T(a b) = Choice{end: a next: T(b a)} U = T(Integer String)",
            "T(a) = Choice{end: a next: T(Record{a: Integer})} U = T(None)",
        ] {
            assert!(names(&[&format!("module A {text}")]).is_ok(), "{text}");
        }
        for text in [
            "T(a) = Choice{end: None next: T(Array(a))}",
            "T(a) = Choice{end: None next: T(Record{a: a b: a})}",
            "T(a) = Choice{end: None next: U(a)} U(a) = T(Optional(a))",
            "T(a) = T(Array(a))",
        ] {
            let error = names(&[&format!("module A {text}")]).unwrap_err();
            assert!(error.ends_with("expands to too many types"), "{text}: {error}");
        }
    }
}
