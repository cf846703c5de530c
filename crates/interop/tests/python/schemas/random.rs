//! Random schemas and values of their types.

use bytes::Bytes;
use hat_event_common::Data;
use hat_event_interop::Random;

/// Modules `A` and `B`, and the definitions in them.
pub(super) struct Schema {
    pub(super) modules: Vec<Vec<Definition>>,
}

pub(super) struct Definition {
    pub(super) name: String,
    pub(super) parameters: Vec<String>,
    pub(super) body: Type,
}

#[derive(Clone)]
pub(super) enum Type {
    Builtin(&'static str),
    Parameter(usize),
    Array(Box<Self>),
    Optional(Box<Self>),
    Record(Vec<(String, Self)>),
    Choice(Vec<(String, Self)>),
    /// A definition by module and number, with arguments.
    Reference(usize, usize, Vec<Self>),
    /// What is not there.
    Unknown(&'static str),
}

pub(super) const MODULES: [&str; 2] = ["A", "B"];
const BUILTINS: [&str; 6] = ["None", "Boolean", "Integer", "Float", "String", "Bytes"];
/// What the reference cannot read as a name of a type.
pub(super) const AWKWARD: [&str; 4] = ["IntegerList", "Strings", "NoneOf", "BytesX"];

/// How large a value may become: so many values in it, and so many levels deep.
pub(super) struct Room {
    pub(super) values: usize,
    pub(super) levels: usize,
}

impl Schema {
    pub(super) fn random(random: &mut Random) -> Self {
        let mut schema = Self { modules: Vec::new() };
        // Shapes first, so that bodies can refer to all: the first definition is the one of which there are values.
        for module in 0..1 + random.below(2) {
            let count = 1 + random.below(4);
            let definitions = (0..count).map(|i| {
                let mut name = format!("T{i}");
                if i > 0 && random.once_in(25) {
                    name = random.pick(&AWKWARD).to_string();
                }
                let parameters = if module + i > 0 && random.once_in(3) { 1 + random.below(2) } else { 0 };
                let parameters = (0..parameters).map(|i| ["x", "y2", "Zed_"][i].to_owned()).collect();
                Definition { name, parameters, body: Type::Builtin("None") }
            });
            schema.modules.push(definitions.collect());
        }
        for module in 0..schema.modules.len() {
            for i in 0..schema.modules[module].len() {
                schema.modules[module][i].body = schema.body(random, (module, i), 2);
            }
        }
        if random.once_in(20) {
            let twice = random.below(schema.modules[0].len());
            schema.modules[0][twice].name = "T0".to_owned();
        }
        schema
    }

    /// A type that may stand in the definition `at`. Those with parameters lead to later ones only, so expansion ends.
    fn body(&self, random: &mut Random, at: (usize, usize), depth: usize) -> Type {
        let parameters = self.modules[at.0][at.1].parameters.len();
        let deeper = |random: &mut Random| self.body(random, at, depth - 1);
        match random.below(if depth == 0 { 6 } else { 12 }) {
            0..3 => Type::Builtin(random.pick(&BUILTINS)),
            3 if parameters > 0 => Type::Parameter(random.below(parameters)),
            3..6 => self.reference(random, at, depth),
            6 | 7 => Type::Array(Box::new(deeper(random))),
            8 => Type::Optional(Box::new(deeper(random))),
            kind => {
                let count = 1 + random.below(4);
                let mut entries: Vec<_> = (0..count).map(|i| (format!("f_{i}"), deeper(random))).collect();
                if random.once_in(60) {
                    entries[count - 1].0 = "f_0".to_owned();
                }
                if kind == 9 { Type::Choice(entries) } else { Type::Record(entries) }
            }
        }
    }

    fn reference(&self, random: &mut Random, at: (usize, usize), depth: usize) -> Type {
        if random.once_in(40) {
            return Type::Unknown(random.pick(&["Unknown", "C.T0", "A.Unknown", "x", "Array", "Optional", "Record"]));
        }
        let module = random.below(self.modules.len());
        let i = random.below(self.modules[module].len());
        let definition = &self.modules[module][i];
        let has_parameters = !definition.parameters.is_empty() || !self.modules[at.0][at.1].parameters.is_empty();
        if depth == 0 && !definition.parameters.is_empty() || has_parameters && (module, i) <= at {
            return Type::Builtin(random.pick(&BUILTINS));
        }
        let mut count = definition.parameters.len();
        if random.once_in(40) {
            count = (count + 1) % 3;
        }
        let arguments = (0..count).map(|_| self.body(random, at, depth.saturating_sub(1))).collect();
        Type::Reference(module, i, arguments)
    }

    /// A value of a type, unless it is not there or has none that finds room.
    pub(super) fn value(&self, random: &mut Random, t: &Type, arguments: &[Type], room: &mut Room) -> Option<Data> {
        room.values = room.values.checked_sub(1)?;
        room.levels = room.levels.checked_sub(1)?;
        let max = if room.values > 100 { 3 } else { 0 };
        let value = match t {
            Type::Unknown(_) => return None,
            Type::Builtin("Boolean") => random.once_in(2).into(),
            Type::Builtin("Integer") => random.integer().into(),
            // The notation in which the reference gets values has one NaN, and no place for its other bits.
            Type::Builtin("Float") => match random.float() {
                float if float.is_nan() => f64::NAN.into(),
                float => float.into(),
            },
            Type::Builtin("String") => random.text().into(),
            Type::Builtin("Bytes") => Bytes::from(random.data()).into(),
            Type::Builtin(_) => Data::None,
            Type::Parameter(i) => self.value(random, arguments.get(*i)?, &[], room)?,
            Type::Array(t) => {
                let items = random.list(max, |random| self.value(random, t, arguments, room));
                items.into_iter().collect::<Option<Vec<Data>>>()?.into()
            }
            Type::Optional(t) if random.below(max + 1) > 0 => {
                Data::optional(Some(self.value(random, t, arguments, room)?))
            }
            Type::Optional(_) => Data::optional(None),
            Type::Record(entries) => {
                let field =
                    |(name, t): &(String, Type)| Some((name.clone().into(), self.value(random, t, arguments, room)?));
                Data::Record(entries.iter().map(field).collect::<Option<_>>()?)
            }
            Type::Choice(entries) => {
                let (name, t) = &entries[random.below(entries.len())];
                Data::Choice(name.clone().into(), Box::new(self.value(random, t, arguments, room)?))
            }
            Type::Reference(module, i, given) => {
                let given: Vec<Type> = given.iter().map(|t| t.with(arguments)).collect();
                self.value(random, &self.modules[*module][*i].body, &given, room)?
            }
        };
        room.levels += 1;
        Some(value)
    }
}

impl Type {
    /// The same without parameters.
    fn with(&self, arguments: &[Self]) -> Self {
        let all = |types: &[Self]| types.iter().map(|t| t.with(arguments)).collect();
        let entries = |entries: &[(String, Self)]| {
            entries.iter().map(|(name, t)| (name.clone(), t.with(arguments))).collect::<Vec<_>>()
        };
        match self {
            Self::Parameter(i) => arguments.get(*i).unwrap_or(self).clone(),
            Self::Array(t) => Self::Array(Box::new(t.with(arguments))),
            Self::Optional(t) => Self::Optional(Box::new(t.with(arguments))),
            Self::Record(fields) => Self::Record(entries(fields)),
            Self::Choice(options) => Self::Choice(entries(options)),
            Self::Reference(module, i, given) => Self::Reference(*module, *i, all(given)),
            Self::Builtin(_) | Self::Unknown(_) => self.clone(),
        }
    }
}
