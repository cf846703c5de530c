use hat_event_common::{Data, sbs_repo};
use serde_json::{Value, json};

use crate::trial::{NEWEST, PORTED, Trial, same};
use crate::values::{Typed, typed};

#[test]
fn encodings_are_those_of_both_serializers() {
    encodings(NEWEST).run();
}

#[test]
fn encodings_are_those_of_0_9_30() {
    encodings(PORTED).run();
}

fn encodings(python: &'static str) -> Trial<(Typed, Data)> {
    Trial {
        python,
        about: "encodings",
        make: |random| {
            let typed = typed(random);
            let data = sbs_repo().decode(typed.type_name, typed.bytes.clone()).unwrap();
            (typed, data)
        },
        question: |(typed, data)| json!({"type": typed.type_name, "value": data, "hex": hex(&typed.bytes)}),
        judge: |(typed, data), answer, _| {
            same("typed, again", (typed.again)(typed.bytes.clone()), Ok(typed.bytes.clone()))?;
            same("dynamic", sbs_repo().encode(typed.type_name, data), Ok(typed.bytes.clone()))?;
            let (hex, value) = (Value::from(hex(&typed.bytes)), json!(data));
            for language in ["C", "Python"] {
                same("encoded", &hex, &answer["encoded"][language])?;
                same("decoded", &value, &answer["decoded"][language])?;
            }
            same("through the functions of the surface", &hex, &answer["surface"])
        },
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
