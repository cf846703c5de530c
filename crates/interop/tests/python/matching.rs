use hat_event_common::*;
use hat_event_interop::Random;
use serde_json::{Value, json};

use crate::differences::Differences;
use crate::trial::{NEWEST, PORTED, Trial, Verdict, same};
use crate::values::event_type;

#[test]
fn types_match_as_in_the_reference() {
    Trial {
        python: NEWEST,
        about: "matches_query_type",
        make: |random| {
            if random.once_in(4) {
                let t = event_type(random);
                let mut segments: Vec<String> = t.segments().map(str::to_owned).collect();
                for segment in &mut segments {
                    if random.once_in(5) {
                        *segment = random.pick(&["?", "*"]).to_owned();
                    }
                }
                return (t, segments.into());
            }
            let any = |random: &mut Random| random.list(4, |random| random.pick(&["a", "b", "", "?", "*"]));
            (any(random).into(), any(random).into())
        },
        question: |(event_type, query_type)| json!({"event_type": event_type, "query_type": query_type}),
        judge: |(event_type, query_type), answer, _| {
            same("matches", &json!(matches_query_type(event_type, query_type)), answer)
        },
    }
    .run();
}

/// A query type over few segments, so that many collide; now and then one with a `*` that is not last.
fn query_type(random: &mut Random) -> EventType {
    let mut segments = random.list(3, |random| random.pick(&["a", "b", "c", "?", "?"]));
    if random.once_in(4) {
        segments.push("*");
    }
    if random.once_in(200) {
        segments.insert(0, "*");
    }
    segments.into()
}

pub(crate) fn query_types(random: &mut Random) -> Vec<EventType> {
    let max = if random.once_in(10) { 20 } else { 4 };
    random.list(max, query_type)
}

/// All event types of up to three segments over what query types can tell apart, as the oracle has them too.
pub(crate) fn event_types() -> Vec<EventType> {
    let mut all: Vec<Vec<&str>> = vec![Vec::new()];
    let mut longest = 0;
    for _ in 0..3 {
        let longer: Vec<Vec<&str>> =
            all[longest..].iter().flat_map(|t| ["a", "b", "x"].map(|segment| [&t[..], &[segment]].concat())).collect();
        longest = all.len();
        all.extend(longer);
    }
    all.into_iter().map(EventType::from).collect()
}

#[test]
fn subscriptions_are_those_of_both_implementations() {
    subscriptions(NEWEST).run();
}

#[test]
fn subscriptions_are_those_of_0_9_30() {
    subscriptions(PORTED).run();
}

fn subscriptions(python: &'static str) -> Trial<[Vec<EventType>; 3]> {
    Trial {
        python,
        about: "subscriptions",
        make: |random| [query_types(random), query_types(random), query_types(random)],
        question: |[first, second, third]| json!({"first": first, "second": second, "third": third}),
        judge: |sets, answer, differences| {
            let made: Result<Vec<Subscription>, QueryTypeError> =
                sets.iter().map(|query_types| Subscription::new(query_types.iter().cloned())).collect();
            let exact = &answer["exact"];
            if exact == "refused" {
                for language in ["C", "Python"] {
                    if answer[language] == "accepted" {
                        differences.note("query-type-check");
                    }
                }
                return same("query types are refused", made.is_err(), true);
            }
            let made = made.map_err(|error| error.to_string())?;
            let ours = operations(&made);
            for (what, exact) in exact.as_object().ok_or("no exact answers")? {
                same(what, &ours[what], exact)?;
            }
            for language in ["C", "Python"] {
                compare(&ours, &answer[language], language, differences)?;
            }
            Ok(())
        },
    }
}

/// What the oracle's function `subscriptions` does in Python.
fn operations(made: &[Subscription]) -> Value {
    let [first, second, third] = made else { return Value::Null };
    let matches: Vec<bool> = event_types().iter().map(|event_type| first.matches(event_type)).collect();
    let common = first.intersection(second);
    json!({
        "query types": sorted(first),
        "matches": matches,
        "union": sorted(&first.union(second)),
        "union of three": sorted(&first.union(second).union(third)),
        "intersection": sorted(&common),
        "intersection of three": sorted(&common.intersection(third)),
        "is disjoint": first.is_disjoint(second),
        "intersection is disjoint": common.is_disjoint(third),
    })
}

fn sorted(subscription: &Subscription) -> Vec<EventType> {
    let mut query_types: Vec<EventType> = subscription.query_types().iter().cloned().map(EventType::from).collect();
    query_types.sort();
    query_types
}

fn compare(ours: &Value, theirs: &Value, language: &str, differences: &mut Differences) -> Verdict {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    for (what, ours) in ours.as_object().ok_or("no answers of ours")? {
        let theirs = &theirs[what];
        if ours == theirs {
            continue;
        }
        let difference = match &**what {
            // What they have is ours too; they lack types that end where the other side has `*`.
            "intersection" | "intersection of three" if list(theirs).iter().all(|t| list(ours).contains(t)) => {
                "intersection-end-and-star"
            }
            "is disjoint" if language == "C" && ours == true => "disjoint-longer",
            // An intersection that lacks types may be disjoint with what it should not be.
            "intersection is disjoint" if ours == false => "intersection-end-and-star",
            "intersection is disjoint" if language == "C" => "disjoint-longer",
            "intersection is disjoint" => "disjoint-empty",
            _ => return same(&format!("{what} in {language}"), ours, theirs),
        };
        differences.note(difference);
    }
    Ok(())
}
