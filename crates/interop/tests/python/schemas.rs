mod random;
mod text;

use bytes::Bytes;
use hat_event_common::{Data, Repository};
use hat_event_interop::Random;
use serde_json::{Value, json};

use self::random::{Room, Schema, Type};
use self::text::texts;
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
    let mut schemas = texts(&schema, random, false);
    let respelled = texts(&schema, &mut spelling, true);
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
