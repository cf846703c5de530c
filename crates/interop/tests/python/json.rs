use hat_event_common::{EventPayloadJson, JsonError, JsonErrorKind, json_text};
use hat_event_interop::Random;
use serde_json::{Value, json};

use crate::trial::{NEWEST, PORTED, Trial, same};
use crate::values::{self, Json};

#[test]
fn text_is_written_as_by_the_reference() {
    Trial {
        python: NEWEST,
        about: "json_text",
        make: |random| values::json(random, 5),
        question: |value| json!({"value": notation(value)}),
        judge: |value, answer, _| {
            let text = json_text(value).map_err(|error| error.to_string())?;
            same("text", &*text, answer.as_str().unwrap_or_default())?;
            EventPayloadJson::from_text(text).map(drop).map_err(|error| error.to_string())
        },
    }
    .run();
}

/// Objects as lists, as their order counts.
fn notation(value: &Json) -> Value {
    match value {
        Json::Array(items) => items.iter().map(notation).collect(),
        Json::Object(members) => {
            let members: Vec<_> = members.iter().map(|(name, value)| json!([name, notation(value)])).collect();
            json!({"$object": members})
        }
        Json::Integer(value) => json!({"$bigint": value.to_string()}),
        value => json!(value),
    }
}

#[test]
fn text_is_accepted_as_by_the_reference() {
    check(NEWEST);
}

#[test]
fn text_is_accepted_as_by_0_9_30() {
    check(PORTED);
}

fn check(python: &'static str) {
    Trial {
        python,
        about: "json_check",
        make: text,
        question: |text| json!({"text": text}),
        judge: |text, answer, differences| {
            let ours = EventPayloadJson::from_text(text.clone());
            let accepted = answer["text"].is_string();
            if answer["not finite"] == true {
                differences.note("json-not-finite");
                return same("is accepted", ours.is_ok(), false);
            }
            if ours.is_ok() == accepted {
                return Ok(());
            }
            let kind = match ours {
                Err(JsonError::Text { kind, .. }) => Some(kind),
                _ => None,
            };
            let their_error = answer["error"].as_str().unwrap_or_default();
            if kind.is_none() && their_error.contains("integer string conversion") {
                same("has more than 4,300 digits", digits(text) > 4300, true)?;
                differences.note("json-digits");
            } else if kind == Some(JsonErrorKind::TooDeep) {
                same("is deeper than 900 levels", depth(text) > 900, true)?;
                differences.note("json-depth");
            } else {
                return Err(format!("ours is {kind:?}"));
            }
            Ok(())
        },
    }
    .run();
}

/// The most digits in a row.
fn digits(text: &str) -> usize {
    text.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

/// How deep brackets are nested, also those in strings.
fn depth(text: &str) -> usize {
    let mut depth = 0usize;
    text.chars().fold(0, |max, c| {
        match c {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        max.max(depth)
    })
}

/// JSON text, written in all ways that there are, and often with a mistake.
fn text(random: &mut Random) -> String {
    let mut text = String::new();
    match random.below(100) {
        0 => {
            let levels = random.pick(&[899, 900, 901, 950, 2000]);
            let (open, close) = random.pick(&[("[", "]"), ("{\"\":", "}"), ("[0, {\"a\": ", "}]")]);
            text = open.repeat(levels / open.matches(['[', '{']).count());
            text.push('1');
            text += &close.repeat(levels / open.matches(['[', '{']).count());
        }
        1 => text = "7".repeat(random.pick(&[4299, 4300, 4301, 5000])),
        _ => value(random, 4, &mut text),
    }
    let mistakes = if random.once_in(2) { 0 } else { 1 + random.below(2) };
    for _ in 0..mistakes {
        mistake(random, &mut text);
    }
    text
}

fn mistake(random: &mut Random, text: &mut String) {
    let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
    let Some(at) = (!starts.is_empty()).then(|| random.pick(&starts)) else { return };
    let c = random.pick(&[
        '[', ']', '{', '}', ',', ':', '"', '\\', '0', '1', '.', '-', '+', 'e', 'E', 'u', 'n', 't', ' ', '\n', '\t',
        '\u{b}', '\u{feff}', '\u{a0}', '/', 'a', '\u{7f}', '\0', '\u{661}', 'N', 'I',
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

fn value(random: &mut Random, depth: usize, text: &mut String) {
    space(random, text);
    match random.below(if depth == 0 { 6 } else { 9 }) {
        0 => *text += random.pick(&["null", "true", "false", "NaN", "Infinity", "-Infinity"]),
        1..4 => number(random, text),
        4 | 5 => string(random, text),
        6 | 7 => {
            text.push('[');
            space(random, text);
            for i in 0..random.below(4) {
                if i > 0 {
                    text.push(',');
                }
                value(random, depth - 1, text);
            }
            text.push(']');
        }
        _ => {
            text.push('{');
            space(random, text);
            for i in 0..random.below(4) {
                if i > 0 {
                    text.push(',');
                }
                space(random, text);
                string(random, text);
                space(random, text);
                text.push(':');
                value(random, depth - 1, text);
            }
            text.push('}');
        }
    }
    space(random, text);
}

fn space(random: &mut Random, text: &mut String) {
    if random.once_in(4) {
        *text += random.pick(&[" ", "\n", "\t", "\r", "  \n"]);
    }
}

fn number(random: &mut Random, text: &mut String) {
    let some_digits = |random: &mut Random, text: &mut String| {
        let count = if random.once_in(20) { random.below(330) } else { random.below(18) };
        text.extend((0..=count).map(|_| char::from(b'0' + random.below(10) as u8)));
    };
    if random.once_in(3) {
        text.push('-');
    }
    if random.once_in(4) {
        text.push('0');
    } else {
        text.push(char::from(b'1' + random.below(9) as u8));
        if random.once_in(2) {
            some_digits(random, text);
        }
    }
    if random.once_in(2) {
        text.push('.');
        some_digits(random, text);
    }
    if random.once_in(3) {
        *text += random.pick(&["e", "E", "e+", "e-", "E-", "E+"]);
        let exponent = random.pick(&[0, 1, 22, 290, 307, 308, 309, 310, 324, 400, 99_999]);
        *text += &exponent.to_string();
    }
}

fn string(random: &mut Random, text: &mut String) {
    text.push('"');
    for c in random.text().chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\0'..' ' => *text += &format!("\\u{:04x}", u32::from(c)),
            _ if random.once_in(6) => {
                *text +=
                    random.pick(&["\\n", "\\/", "\\b", "\\ud800", "\\uDFFF", "\\ud83d\\ude00", "\\u00E9", "\\u0000"]);
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}
