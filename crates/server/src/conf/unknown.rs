//! Keys that no schema knows: they have no effect, and are most likely misspelt.

use std::collections::BTreeMap;

use hat_event_common::SchemaRepository;
use serde_json::Value;

use super::{Document, Problem};

/// A part of a JSON schema.
#[derive(Clone, Copy)]
pub(super) struct Schema<'a> {
    repo: &'a SchemaRepository,
    /// What `#` in references leads to.
    root: &'a Value,
    part: &'a Value,
}

impl<'a> Schema<'a> {
    /// The part that an id with or without a fragment stands for.
    pub(super) fn find(repo: &'a SchemaRepository, id: &str) -> Option<Self> {
        let (id, fragment) = id.split_once('#').unwrap_or((id, ""));
        let root = repo.get(id)?;
        Some(Self { repo, root, part: root.pointer(fragment)? })
    }

    fn refer(self, reference: &str) -> Option<Self> {
        match reference.strip_prefix('#') {
            Some(fragment) => Some(Self { part: self.root.pointer(fragment)?, ..self }),
            None => Self::find(self.repo, reference),
        }
    }

    fn at(self, part: &'a Value) -> Self {
        Self { part, ..self }
    }
}

/// Warns of the keys in a section that none of the schemas knows, but not in the values at the pointers `apart`.
///
/// A mapping of which the schemas say nothing, or which may have any keys, has none.
pub(super) fn unknown_keys(
    document: &Document,
    section: &str,
    schemas: Vec<Schema<'_>>,
    apart: &[&str],
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut rest: Vec<_> =
        document.value().pointer(section).map(|value| (section.to_owned(), value, schemas)).into_iter().collect();
    while let Some((pointer, value, schemas)) = rest.pop() {
        let Known { fields, items, open } = known(schemas);
        match value {
            Value::Array(values) => {
                let values = values.iter().enumerate();
                rest.extend(values.map(|(i, value)| (format!("{pointer}/{i}"), value, items.clone())));
            }
            Value::Object(values) if !open && !fields.is_empty() => {
                for (key, value) in values {
                    let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    match fields.get(key.as_str()) {
                        Some(_) if apart.contains(&&*pointer) => {}
                        Some(schemas) => rest.push((pointer, value, schemas.clone())),
                        None => {
                            let meant = nearest(key, fields.keys().copied());
                            let meant = meant.map(|near| format!("; perhaps {near} is meant")).unwrap_or_default();
                            let message = format!("the key {key:?} is not known and has no effect{meant}");
                            problems.push(Problem::of_key(document, pointer, message));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    problems
}

/// What schemas say of the parts of a value.
#[derive(Default)]
struct Known<'a> {
    fields: BTreeMap<&'a str, Vec<Schema<'a>>>,
    items: Vec<Schema<'a>>,
    open: bool,
}

/// What some schemas say together, whether all or one of them have to be matched.
fn known<'a>(mut rest: Vec<Schema<'a>>) -> Known<'a> {
    let mut known = Known::default();
    let mut seen: Vec<*const Value> = Vec::new();
    while let Some(schema) = rest.pop() {
        // Schemas refer to themselves.
        if seen.contains(&std::ptr::from_ref(schema.part)) {
            continue;
        }
        seen.push(schema.part);
        let part = schema.part;
        for (name, field) in part["properties"].as_object().into_iter().flatten() {
            known.fields.entry(name).or_default().push(schema.at(field));
        }
        known.items.extend(part.get("items").map(|items| schema.at(items)));
        known.open |= ["patternProperties", "propertyNames"].iter().any(|key| part.get(key).is_some())
            || part.get("additionalProperties").is_some_and(|more| *more != false);
        if let Some(reference) = part["$ref"].as_str() {
            match schema.refer(reference) {
                Some(schema) => rest.push(schema),
                None => known.open = true,
            }
        }
        let alternatives = ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| part[key].as_array()).flatten();
        let conditional = ["if", "then", "else"].iter().filter_map(|key| part.get(key));
        rest.extend(alternatives.chain(conditional).map(|part| schema.at(part)));
    }
    known
}

/// The name that differs least from a word: in no more than a third of its letters, or only in their order.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let near = names.map(|name| (distance(word, name), name));
    let near = near.filter(|(distance, name)| distance * 3 <= name.chars().count() || letters(name) == letters(word));
    near.min().map(|(_, name)| name)
}

fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// How many letters have to be added, removed or replaced to make one word of another (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    // A key that is no word would take long.
    if one.len() > 100 {
        return one.len();
    }
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (i, a) in one.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = std::mem::replace(row.first_mut().unwrap_or(&mut 0), left);
        for (cell, b) in row.iter_mut().skip(1).zip(other.chars()) {
            left = (diagonal + usize::from(a != b)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conf::Format;

    fn warnings(schemas: impl IntoIterator<Item = Value>, yaml: &str) -> Vec<String> {
        let mut repo = SchemaRepository::new();
        for schema in schemas {
            repo.add(schema).unwrap();
        }
        let document = Document::parse(yaml, Format::Yaml).unwrap();
        let schema = Schema::find(&repo, "a://a").unwrap();
        let mut found = unknown_keys(&document, "", vec![schema], &["/apart"]);
        found.sort_by_key(|problem| problem.place);
        found.iter().map(Problem::to_string).collect()
    }

    #[test]
    fn keys_that_no_schema_knows_are_told() {
        let schemas = || {
            [
                json!({
                    "$id": "a://a",
                    "properties": {
                        "period": {}, "apart": {"properties": {"x": {}}}, "open": {"additionalProperties": {}, "properties": {"x": {}}},
                        "list": {"items": {"$ref": "#/$defs/item"}}, "other": {"$ref": "a://b#/$defs/b"},
                        "nowhere": {"$ref": "a://c", "properties": {"x": {}}}, "closed": {"additionalProperties": false, "properties": {"x": {}}},
                    },
                    "$defs": {"item": {"oneOf": [
                        {"properties": {"name": {}, "more": {"$ref": "a://a#/$defs/item"}}},
                        {"allOf": [{"$ref": "#/$defs/item"}], "properties": {"size": {}}},
                    ]}},
                }),
                json!({"$id": "a://b", "$defs": {"b": {"if": {"properties": {"q": {}}}, "then": {"properties": {"r": {}}}}}}),
            ]
        };
        assert_eq!(
            warnings(
                schemas(),
                "perod: {free: 1}\nlist:\n- {name: 1, more: {size: 1, more: {nme: 2}}}\n- sizes: 1\nother: {q: 1, r: 2, ~1: 3}\nclosed:\n  y: 1\n",
            ),
            [
                "/perod: the key \"perod\" is not known and has no effect; perhaps period is meant at line 1, column 1",
                "/list/0/more/more/nme: the key \"nme\" is not known and has no effect; perhaps name is meant at line 3, column 36",
                "/list/1/sizes: the key \"sizes\" is not known and has no effect; perhaps size is meant at line 4, column 3",
                "/other/~01: the key \"~1\" is not known and has no effect at line 5, column 21",
                "/closed/y: the key \"y\" is not known and has no effect at line 7, column 3",
            ]
        );
        let fine = "apart: {y: 1}\nopen: {y: 1}\nnowhere: {y: 1}\nlist: 1\nperiod: [{y: 1}]\n";
        assert_eq!(warnings(schemas(), fine), Vec::<String>::new());
    }

    #[test]
    fn what_is_meant_is_near() {
        for (word, name) in [
            ("prot", Some("port")),
            ("ports", Some("port")),
            ("hsot", Some("host")),
            ("path", None),
            ("sever_id", Some("server_id")),
            ("", None),
            ("é", None),
            (&"port".repeat(1000), None),
        ] {
            let found = nearest(word, ["host", "server_id", "port"].into_iter());
            assert_eq!(found, name, "{word}");
        }
        for (one, other, count) in [("", "", 0), ("abc", "", 3), ("", "ab", 2), ("kitten", "sitting", 3), ("é", "e", 1)]
        {
            assert_eq!((distance(one, other), distance(other, one)), (count, count), "{one} {other}");
        }
    }
}
