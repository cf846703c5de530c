use bytes::Bytes;
use hat_event_common::{Data, Repository};
use hat_event_interop::Random;
use serde_json::{Value, json};

use crate::encodings::hex;
use crate::malformed::{damage, judge_decoding};
use crate::trial::{NEWEST, Trial, same};

/// Schema texts, the same with plain names, a value of their type `A.T0`, and bytes that are nearly one.
#[derive(Debug)]
struct Case {
    schemas: Vec<String>,
    respelled: Vec<String>,
    value: Option<Data>,
    damaged: Vec<Bytes>,
}

const TYPE: &str = "A.T0";

#[test]
fn schemas_and_their_values_are_those_of_the_reference() {
    Trial {
        python: NEWEST,
        about: "schemas",
        make: case,
        question: |case| {
            let Case { schemas, respelled, value, damaged } = case;
            let hexes: Vec<String> = damaged.iter().map(|bytes| hex(bytes)).collect();
            let value: Vec<&Data> = value.iter().collect();
            json!({"schemas": schemas, "respelled": respelled, "type": TYPE, "value": value, "hexes": hexes})
        },
        judge: |case, answer, differences| {
            let repository = repository(&case.schemas);
            if let Some(rule) = answer["rule"].as_str() {
                differences.note(if rule == "too many fields" { "sbs-limits" } else { "sbs-schema-errors" });
                return same("a mistake is found", repository.is_err(), true);
            }
            if answer.get("error").is_some() {
                return same("schemas are refused", repository.is_err(), true);
            }
            if let Some(name) = answer["difference"].as_str() {
                differences.note(name);
            }
            let repository = repository?;
            for (value, encoded) in case.value.iter().zip(list(answer, "encoded")) {
                let bytes = repository.encode(TYPE, value).map_err(|error| error.to_string())?;
                for language in ["C", "Python"] {
                    same("encoded", &Value::from(hex(&bytes)), &encoded[language])?;
                }
                let decoded = repository.decode(TYPE, bytes).map_err(|error| error.to_string())?;
                same("decoded again", json!(decoded), json!(value))?;
            }
            case.damaged.iter().zip(list(answer, "decoded")).try_for_each(|(bytes, answer)| {
                judge_decoding(&repository, TYPE, bytes, answer, differences)
                    .map_err(|why| format!("{} is {answer}: {why}", hex(bytes)))
            })
        },
    }
    .run();
}

fn list<'a>(answer: &'a Value, name: &str) -> &'a [Value] {
    answer[name].as_array().map_or(&[], Vec::as_slice)
}

fn case(random: &mut Random) -> Case {
    let schema = Schema::random(random);
    let mut spelling = random.clone();
    let mut schemas = schema.texts(random, false);
    let respelled = schema.texts(&mut spelling, true);
    if schemas == respelled && random.once_in(4) {
        spoil(random, &mut schemas);
        return Case { respelled: schemas.clone(), schemas, value: None, damaged: Vec::new() };
    }
    let first = Type::Reference(0, 0, Vec::new());
    let value = schema.value(random, &first, &[], &mut Room { values: 300, levels: 25 });
    let encoded = value.as_ref().and_then(|value| repository(&schemas).ok()?.encode(TYPE, value).ok());
    let damaged = encoded.iter().flat_map(|bytes| [bytes; 3]).map(|bytes| {
        let mut bytes = bytes.to_vec();
        damage(random, &mut bytes);
        bytes.into()
    });
    Case { schemas, respelled, damaged: damaged.collect(), value }
}

/// Changes a character of a text.
fn spoil(random: &mut Random, texts: &mut [String]) {
    let at = random.below(texts.len());
    let Some(text) = texts.get_mut(at) else { return };
    let at = random.below(text.len());
    let c = random.pick(&[
        '(', ')', '{', '}', ':', '=', ',', '.', '#', 'a', 'Z', '1', '_', ' ', '\n', '\r', '\u{b}', 'é', '-', '\0',
    ]);
    match random.below(3) {
        0 => drop(text.remove(at)),
        1 => text.insert(at, c),
        _ => {
            text.remove(at);
            text.insert(at, c);
        }
    }
}

fn repository(schemas: &[String]) -> Result<Repository, String> {
    let builder = schemas.iter().fold(Repository::builder(), |builder, text| builder.schema("random", text.clone()));
    builder.build().map_err(|error| error.to_string())
}

/// How large a value may become: so many values in it, and so many levels deep.
struct Room {
    values: usize,
    levels: usize,
}

/// Modules `A` and `B`, and the definitions in them.
struct Schema {
    modules: Vec<Vec<Definition>>,
}

struct Definition {
    name: String,
    parameters: Vec<String>,
    body: Type,
}

#[derive(Clone)]
enum Type {
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

const MODULES: [&str; 2] = ["A", "B"];
const BUILTINS: [&str; 6] = ["None", "Boolean", "Integer", "Float", "String", "Bytes"];
/// What the reference cannot read as a name of a type.
const AWKWARD: [&str; 4] = ["IntegerList", "Strings", "NoneOf", "BytesX"];

impl Schema {
    fn random(random: &mut Random) -> Self {
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
    fn value(&self, random: &mut Random, t: &Type, arguments: &[Type], room: &mut Room) -> Option<Data> {
        room.values = room.values.checked_sub(1)?;
        room.levels = room.levels.checked_sub(1)?;
        let max = if room.values > 100 { 3 } else { 0 };
        let value = match t {
            Type::Unknown(_) => return None,
            Type::Builtin("Boolean") => random.once_in(2).into(),
            Type::Builtin("Integer") => random.integer().into(),
            Type::Builtin("Float") => random.float().into(),
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

    /// A text for each module, with white space and comments where they may be.
    fn texts(&self, random: &mut Random, respell: bool) -> Vec<String> {
        let mut writer = TextWriter { schema: self, random, respell, text: String::new() };
        (0..self.modules.len()).map(|module| writer.module(module)).collect()
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

/// Writes a schema as text.
struct TextWriter<'a> {
    schema: &'a Schema,
    random: &'a mut Random,
    respell: bool,
    text: String,
}

impl TextWriter<'_> {
    fn module(&mut self, module: usize) -> String {
        self.text.clear();
        self.may_space();
        self.put("module");
        self.must_space();
        self.put(MODULES[module]);
        for definition in &self.schema.modules[module] {
            self.must_space();
            self.name(&definition.name);
            if !definition.parameters.is_empty() || self.random.once_in(20) {
                self.list("(", ")", &definition.parameters, |this, name| this.put(name));
            }
            self.may_space();
            self.put("=");
            self.may_space();
            self.r#type(&definition.body, (module, &definition.parameters));
        }
        self.may_space();
        if self.random.once_in(30) && !self.respell {
            self.put(" # end");
        }
        std::mem::take(&mut self.text)
    }

    fn r#type(&mut self, t: &Type, at: (usize, &[String])) {
        match t {
            Type::Builtin(name) | Type::Unknown(name) => self.put(name),
            Type::Parameter(i) => self.put(&at.1[*i]),
            Type::Array(t) => {
                self.put("Array");
                self.list("(", ")", &[t], |this, t| this.r#type(t, at));
            }
            Type::Optional(t) => {
                self.put("Optional");
                self.list("(", ")", &[t], |this, t| this.r#type(t, at));
            }
            Type::Record(entries) => self.entries("Record", entries, at),
            Type::Choice(entries) => self.entries("Choice", entries, at),
            Type::Reference(module, i, arguments) => {
                if *module != at.0 || self.random.once_in(4) {
                    self.put(MODULES[*module]);
                    self.put(".");
                }
                self.name(&self.schema.modules[*module][*i].name);
                if !arguments.is_empty() || self.random.once_in(20) {
                    self.list("(", ")", arguments, |this, t| this.r#type(t, at));
                }
            }
        }
    }

    fn entries(&mut self, what: &str, entries: &[(String, Type)], at: (usize, &[String])) {
        self.put(what);
        self.list("{", "}", entries, |this, (name, t)| {
            this.put(name);
            this.may_space();
            this.put(":");
            this.may_space();
            this.r#type(t, at);
        });
    }

    fn list<T>(&mut self, open: &str, close: &str, items: &[T], mut put: impl FnMut(&mut Self, &T)) {
        self.may_space();
        self.put(open);
        self.may_space();
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.must_space();
            }
            put(self, item);
        }
        self.may_space();
        self.put(close);
    }

    fn name(&mut self, name: &str) {
        if self.respell && AWKWARD.contains(&name) {
            self.put("Q");
        }
        self.put(name);
    }

    fn must_space(&mut self) {
        let space = self.random.pick(&[" ", "\n", ", ", ",", "\r\n", "\t ", " # a { = \n", "#\r", "\n\n    "]);
        self.put(space);
    }

    fn may_space(&mut self) {
        if self.random.once_in(5) {
            self.must_space();
        }
    }

    fn put(&mut self, text: &str) {
        self.text += text;
    }
}
