use hat_event_common::{Repository, sbs_repo};
use hat_event_interop::Random;
use serde_json::{Value, json};

use crate::differences::Differences;
use crate::encodings::hex;
use crate::trial::{NEWEST, PORTED, Trial, Verdict, same};
use crate::values::{Typed, typed};

#[test]
fn damaged_bytes_are_accepted_as_by_the_reference() {
    bytes(NEWEST).run();
}

#[test]
fn damaged_bytes_are_accepted_as_by_0_9_30() {
    bytes(PORTED).run();
}

fn bytes(python: &'static str) -> Trial<Typed> {
    Trial {
        python,
        about: "bytes",
        make: |random| {
            let mut typed = typed(random);
            let mut bytes = typed.bytes.to_vec();
            damage(random, &mut bytes);
            typed.bytes = bytes.into();
            typed
        },
        question: |typed| json!({"type": typed.type_name, "hex": hex(&typed.bytes)}),
        judge: |typed, answer, differences| {
            judge_decoding(sbs_repo(), typed.type_name, &typed.bytes, answer, differences)?;
            judge_typed(typed, answer, differences)
        },
    }
}

/// Damages bytes in a few places.
pub(crate) fn damage(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len() + 1);
        let byte = match random.below(3) {
            0 => random.bits() as u8,
            1 => random.pick(&[0x00, 0x01, 0x40, 0x7F, 0x80, 0x81, 0xBF, 0xC0, 0xFF]),
            _ => 0x80 + random.below(8) as u8,
        };
        match random.below(6) {
            0 => bytes.truncate(at),
            1 => bytes.insert(at, byte),
            2 if at < bytes.len() => drop(bytes.remove(at)),
            // A number of ten groups: about as large as fits into 64 bits.
            3 if random.once_in(4) => {
                let first = random.pick(&[0x00, 0x01, 0x02, 0x3F, 0x40, 0x7E, 0x7F]);
                let rest = random.pick(&[0x00, 0x7F]);
                bytes.splice(at..at, [&[first], &[rest; 8][..], &[rest | 0x80]].concat());
            }
            _ if at < bytes.len() => bytes[at] = byte,
            _ => bytes.push(byte),
        }
    }
}

/// Our dynamic decoding follows the rules exactly, and the reference does wherever no difference is known.
pub(crate) fn judge_decoding(
    repository: &Repository,
    type_name: &str,
    bytes: &bytes::Bytes,
    answer: &Value,
    differences: &mut Differences,
) -> Verdict {
    let ours = repository.decode(type_name, bytes.clone());
    let (ours, expected) = (ours.map(|data| json!(data)), &answer["strict"]);
    let Some(value) = expected.get("value") else {
        same("dynamic decoding", ours.is_err(), true)?;
        for language in ["C", "Python"] {
            if answer[language].get("value").is_some() {
                let rule =
                    expected["rule"].as_str().ok_or_else(|| format!("{language} accepts what no rule allows"))?;
                differences.note(rule);
            }
        }
        return Ok(());
    };
    same("dynamic decoding", ours.as_ref(), Ok(value))?;
    for language in ["C", "Python"] {
        same(language, Some(value), answer[language].get("value"))?;
    }
    Ok(())
}

/// What decodes at all is refused by typed decoding only for values that are out of range, or are not JSON.
fn judge_typed(typed: &Typed, answer: &Value, differences: &mut Differences) -> Verdict {
    let ours = (typed.again)(typed.bytes.clone());
    let Some(value) = answer["strict"].get("value") else {
        return same("typed decoding", ours.is_err(), true);
    };
    let mut out_of_range = Vec::new();
    find_out_of_range(value, &mut out_of_range);
    for name in &out_of_range {
        differences.note(name);
    }
    let mut texts = Vec::new();
    find_json(value, &mut texts);
    let bad_json = texts.iter().any(|text| hat_event_common::check_json(text).is_err());
    let surface_error = answer["surface"].as_str();
    if surface_error.is_some_and(|error| error.contains("Out of range float")) {
        differences.note("json-not-finite");
    }
    if typed.type_name.ends_with("Event") || typed.type_name.ends_with("QueryResult") {
        same("JSON is refused by the surface", bad_json, surface_error.is_some())?;
    }
    let data = sbs_repo().decode(typed.type_name, typed.bytes.clone()).map_err(|error| error.to_string())?;
    let canonical = sbs_repo().encode(typed.type_name, &data).map_err(|error| error.to_string())?;
    let expected = (out_of_range.is_empty() && !bad_json).then_some(canonical);
    same("typed decoding, encoded again", ours.ok(), expected)
}

/// The names of the differences due to which a value is refused: numbers outside of their range.
fn find_out_of_range(value: &Value, found: &mut Vec<&'static str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| find_out_of_range(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                let number = field.as_i64().or_else(|| field["$choice"][1].as_i64());
                match (&**name, number) {
                    ("server" | "session" | "instance" | "serverId", Some(..0)) => found.push("id-range"),
                    ("maxResults", Some(..0)) => found.push("max-results-range"),
                    ("us", Some(..0 | 1_000_000..)) => found.push("timestamp-range"),
                    _ => find_out_of_range(field, found),
                }
            }
        }
        _ => {}
    }
}

/// The texts of JSON payloads.
fn find_json<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => match &items[..] {
            [Value::String(name), Value::String(text)] if name == "json" => found.push(text),
            items => items.iter().for_each(|item| find_json(item, found)),
        },
        Value::Object(fields) => fields.values().for_each(|field| find_json(field, found)),
        _ => {}
    }
}
