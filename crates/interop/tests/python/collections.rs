use hat_event_common::*;
use serde_json::{Value, json};

use crate::matching::{event_types, query_types};
use crate::trial::{NEWEST, PORTED, Trial, same};
use crate::values::event_type;

#[derive(Debug)]
enum Step {
    Add(Vec<EventType>, u32),
    Remove(u32),
    Get(EventType),
}

#[test]
fn collections_are_those_of_both_trees() {
    collections(NEWEST).run();
}

#[test]
fn collections_are_those_of_0_9_30() {
    collections(PORTED).run();
}

fn collections(python: &'static str) -> Trial<Vec<Step>> {
    Trial {
        python,
        about: "collections",
        make: |random| {
            let mut steps = random.list(12, |random| {
                let value = random.below(5) as u32;
                match random.below(5) {
                    0 => Step::Remove(value),
                    1 => Step::Get(event_type(random)),
                    _ => Step::Add(query_types(random).into_iter().filter(is_valid).collect(), value),
                }
            });
            steps.extend(event_types().into_iter().map(Step::Get));
            steps
        },
        question: |steps| {
            let steps: Vec<Value> = steps
                .iter()
                .map(|step| match step {
                    Step::Add(query_types, value) => json!(["add", query_types, value]),
                    Step::Remove(value) => json!(["remove", value]),
                    Step::Get(event_type) => json!(["get", event_type]),
                })
                .collect();
            json!({"steps": steps})
        },
        judge: |steps, answer, differences| {
            let ours = json!(play(steps, &mut ListEventTypeCollection::default()));
            same("tree and list", &json!(play(steps, &mut TreeEventTypeCollection::default())), &ours)?;
            same("list", &ours, &answer["list"])?;
            if let Some(tree) = answer.get("C tree") {
                same("C tree", &ours, tree)?;
            }
            if ours != answer["Python tree"] {
                let fewer = |(theirs, ours): (&Value, &Value)| {
                    theirs
                        .as_array()
                        .into_iter()
                        .flatten()
                        .all(|value| ours.as_array().is_some_and(|o| o.contains(value)))
                };
                let (theirs, ours) = (answer["Python tree"].as_array(), ours.as_array());
                let all_fewer = theirs.into_iter().flatten().zip(ours.into_iter().flatten()).all(fewer);
                same("the Python tree lacks values", all_fewer && has_repeated_add(steps), true)?;
                differences.note("collection-add");
            }
            Ok(())
        },
    }
}

fn is_valid(query_type: &EventType) -> bool {
    QueryType::new(query_type.clone()).is_ok()
}

/// Whether a value is added more than once.
fn has_repeated_add(steps: &[Step]) -> bool {
    let added: Vec<u32> =
        steps.iter().filter_map(|step| if let Step::Add(_, value) = step { Some(*value) } else { None }).collect();
    (0..5).any(|value| added.iter().filter(|added| **added == value).count() > 1)
}

/// What is got, step by step.
fn play(steps: &[Step], collection: &mut impl EventTypeCollection<u32>) -> Vec<Vec<u32>> {
    let mut got = Vec::new();
    for step in steps {
        match step {
            Step::Add(query_types, value) => {
                let query_types: Subscription = query_types.iter().cloned().flat_map(QueryType::new).collect();
                collection.add(&query_types, *value);
            }
            Step::Remove(value) => collection.remove(value),
            Step::Get(event_type) => {
                let mut values: Vec<u32> = collection.get(event_type).into_iter().copied().collect();
                values.sort_unstable();
                got.push(values);
            }
        }
    }
    got
}
