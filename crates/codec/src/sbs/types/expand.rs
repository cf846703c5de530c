use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::{Arena, Entry, Kind, TypeId};
use crate::sbs::schema::{self, Definition, Expression, Module, Name, SchemaError, SchemaErrorKind};

/// How many expressions are expanded in all. The largest schemas in use have a few hundred.
const MAX_EXPANDED: usize = 1 << 17;

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

/// A definition and the module in which it stands.
#[derive(Clone, Copy)]
pub(super) struct Defined<'a> {
    module: &'a Module,
    definition: &'a Definition,
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
        definitions: index(modules)?,
        modules: modules.iter().map(|module| &*module.name.text).collect(),
        shapes: Kind::SIMPLE.map(|kind| Shape { form: Form::Kind(kind), origin: None }).into_iter().collect(),
        interned: Kind::SIMPLE
            .into_iter()
            .filter_map(|kind| Some((kind.clone(), Kind::simple(kind.name())?)))
            .collect(),
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

/// Finds each definition by module and name.
fn index<'a>(modules: &[&'a Module]) -> Result<HashMap<(&'a str, &'a str), Defined<'a>>, SchemaError> {
    let mut definitions = HashMap::new();
    let mut names = HashSet::new();
    for &module in modules {
        unique(module, "module", &module.name, &mut names)?;
        let mut names = HashSet::new();
        for definition in &module.definitions {
            unique(module, "type", &definition.name, &mut names)?;
            let mut names = HashSet::new();
            for parameter in &definition.parameters {
                unique(module, "parameter", parameter, &mut names)?;
            }
            definitions.insert((&*module.name.text, &*definition.name.text), Defined { module, definition });
        }
    }
    Ok(definitions)
}

fn unique<'a>(
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

struct Expander<'a> {
    definitions: HashMap<(&'a str, &'a str), Defined<'a>>,
    modules: HashSet<&'a str>,
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
        let takes = |expected: usize| {
            if arguments.len() == expected {
                return Ok(());
            }
            let (found, at, name) = (arguments.len(), name.at, name.text.to_string());
            Err(here.error(at, SchemaErrorKind::ArgumentCount { name, expected, found }))
        };
        if module.is_none() {
            let parameters = scope.defined.definition.parameters.iter().zip(&scope.arguments);
            if let Some((_, id)) = parameters.into_iter().find(|(parameter, _)| parameter.text == name.text) {
                return takes(0).map(|()| *id);
            }
            if let Some(id) = Kind::simple(&name.text) {
                return takes(0).map(|()| id);
            }
            if let "Array" | "Optional" = &*name.text {
                takes(1)?;
                let mut item = TypeId::NONE;
                for argument in arguments {
                    item = self.expression(argument, scope)?;
                }
                let kind = if name.text == "Array" { Kind::Array(item) } else { Kind::Optional(item) };
                return Ok(self.intern(kind, scope));
            }
        }
        let module_name = module.unwrap_or(&here.name);
        let Some(&defined) = self.definitions.get(&(&*module_name.text, &*name.text)) else {
            let module = module_name.text.to_string();
            return Err(if self.modules.contains(&*module) {
                here.error(name.at, SchemaErrorKind::UnknownType { module, name: name.text.to_string() })
            } else {
                here.error(module_name.at, SchemaErrorKind::UnknownModule(module))
            });
        };
        takes(defined.definition.parameters.len())?;
        let arguments: Vec<_> =
            arguments.iter().map(|argument| self.expression(argument, scope)).collect::<Result<_, _>>()?;
        Ok(self.instance(defined, arguments))
    }
}
