//! Conditions that events have to meet to be kept (`hat.event.backends.lmdb.conditions`).

use hat_event_common::{
    BoxError, Event, EventPayload, EventType, EventTypeCollection, Subscription, TreeEventTypeCollection,
};
use serde_json::{Number, Value};

use super::conf::subscription;

/// All conditions, by the event types that they are about.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    all: Vec<Condition>,
    /// Numbers of conditions.
    by_type: TreeEventTypeCollection<usize>,
}

impl Conditions {
    pub(super) fn read(conf: &Value) -> Result<Self, BoxError> {
        let mut conditions = Self::default();
        for (number, conf) in conf.as_array().into_iter().flatten().enumerate() {
            let types: Subscription =
                subscription(conf.get("subscriptions"), &format!("/conditions/{number}/subscriptions"))?;
            conditions.all.push(Condition::read(&conf["condition"])?);
            conditions.by_type.add(&types, number);
        }
        Ok(conditions)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The conditions that are about an event type; nearly always none.
    pub(super) fn of(&self, event_type: &EventType) -> Vec<usize> {
        if self.all.is_empty() { Vec::new() } else { self.by_type.get(event_type).into_iter().copied().collect() }
    }

    /// Whether an event meets conditions that are about its type.
    pub(super) fn are_met(&self, numbers: &[usize], event: &Event) -> bool {
        numbers.is_empty() || {
            let data = JsonData::of(event);
            numbers.iter().filter_map(|number| self.all.get(*number)).all(|condition| condition.is_met(&data))
        }
    }

    /// Whether an event meets all that is asked of its type.
    pub(super) fn match_event(&self, event: &Event) -> bool {
        self.are_met(&self.of(&event.event_type), event)
    }
}

/// The payload of an event, parsed once for all conditions.
struct JsonData(Option<Value>);

impl JsonData {
    fn of(event: &Event) -> Self {
        Self(event.payload.as_ref().and_then(EventPayload::as_json).and_then(|json| json.parse().ok()))
    }
}

#[derive(Debug)]
enum Condition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Json { path: Vec<Step>, data_type: Option<String>, data_value: Option<Value> },
}

/// One step of a path into JSON.
#[derive(Debug)]
enum Step {
    Name(String),
    /// From the end, if negative.
    Index(i64),
}

impl Condition {
    fn read(conf: &Value) -> Result<Self, BoxError> {
        let inner = || conf["conditions"].as_array().into_iter().flatten().map(Self::read).collect::<Result<_, _>>();
        match conf["type"].as_str() {
            Some("all") => inner().map(Self::All),
            Some("any") => inner().map(Self::Any),
            Some("json") => {
                let mut path = Vec::new();
                if let Some(conf) = conf.get("data_path") {
                    read_path(conf, &mut path)?;
                }
                let data_type = conf["data_type"].as_str().map(str::to_owned);
                Ok(Self::Json { path, data_type, data_value: conf.get("data_value").cloned() })
            }
            _ => Err(format!("there is no condition of type {}", conf["type"]).into()),
        }
    }

    fn is_met(&self, payload: &JsonData) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.is_met(payload)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.is_met(payload)),
            Self::Json { path, data_type, data_value } => {
                let Some(data) = &payload.0 else { return false };
                let data = find(data, path).unwrap_or(&Value::Null);
                data_type.as_deref().is_none_or(|data_type| is_of_type(data, data_type))
                    && data_value.as_ref().is_none_or(|value| equal(value, data))
            }
        }
    }
}

/// A path is a name, an index, or a list of paths; those are configured, and validated, so they are not deep.
fn read_path(conf: &Value, path: &mut Vec<Step>) -> Result<(), BoxError> {
    match conf {
        Value::String(name) => path.push(Step::Name(name.clone())),
        Value::Array(parts) => parts.iter().try_for_each(|part| read_path(part, path))?,
        Value::Number(number) => {
            let whole = |number: f64| (number.fract() == 0.0).then_some(number as i64);
            let index = number.as_i64().or_else(|| number.as_f64().and_then(whole));
            path.push(Step::Index(index.ok_or_else(|| format!("{number} is no index"))?));
        }
        _ => return Err(format!("{conf} is no path").into()),
    }
    Ok(())
}

fn find<'a>(data: &'a Value, path: &[Step]) -> Option<&'a Value> {
    path.iter().try_fold(data, |data, step| match (step, data) {
        (Step::Name(name), Value::Object(members)) => members.get(name),
        (Step::Index(index), Value::Array(items)) => {
            let from_end = || items.len().checked_sub(usize::try_from(index.unsigned_abs()).ok()?);
            let index = if *index < 0 { from_end()? } else { usize::try_from(*index).ok()? };
            items.get(index)
        }
        _ => None,
    })
}

fn is_of_type(data: &Value, data_type: &str) -> bool {
    match data_type {
        "null" => data.is_null(),
        "boolean" => data.is_boolean(),
        "string" => data.is_string(),
        "number" => data.is_number(),
        "array" => data.is_array(),
        "object" => data.is_object(),
        _ => true,
    }
}

/// Whether two values are equal in Python, where `1`, `1.0` and `true` are.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there = |(name, value)| other.get(name).is_some_and(|other| equal(value, other));
            one.len() == other.len() && one.iter().all(is_there)
        }
        (Value::Number(_) | Value::Bool(_), Value::Number(_) | Value::Bool(_)) => match (number(one), number(other)) {
            (Some(one), Some(other)) => equal_numbers(&one, &other),
            _ => false,
        },
        _ => one == other,
    }
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Bool(truth) => Some(u64::from(*truth).into()),
        _ => None,
    }
}

fn equal_numbers(one: &Number, other: &Number) -> bool {
    let whole = |number: &Number| number.as_i64().map(i128::from).or(number.as_u64().map(i128::from));
    match (whole(one), whole(other)) {
        (Some(one), Some(other)) => one == other,
        // Exactly: an integer equals a float if it is that number.
        (Some(whole), None) => other.as_f64().is_some_and(|float| float.fract() == 0.0 && float as i128 == whole),
        (None, Some(whole)) => one.as_f64().is_some_and(|float| float.fract() == 0.0 && float as i128 == whole),
        (None, None) => one.as_f64() == other.as_f64(),
    }
}

#[cfg(test)]
mod tests {
    use hat_event_common::{EventId, RegisterEvent, Timestamp};
    use serde_json::json;

    use super::*;

    fn met(condition: Value, data: &str) -> bool {
        let conditions = Conditions::read(&json!([{"subscriptions": [["*"]], "condition": condition}])).unwrap();
        let payload = serde_json::from_str::<Value>(data).ok().map(|data| EventPayload::json(&data).unwrap());
        let event = RegisterEvent { event_type: EventType::from(["a"]), source_timestamp: None, payload };
        conditions.match_event(&event.register(EventId::new(1, 1, 1).unwrap(), Timestamp::MIN))
    }

    #[test]
    fn paths_lead_into_objects_and_arrays() {
        let at = |path: Value| json!({"type": "json", "data_path": path, "data_value": 7});
        assert!(met(at(json!(["a", 1])), r#"{"a": [0, 7]}"#));
        assert!(met(at(json!([["a"], [[-1]]])), r#"{"a": [0, 7]}"#));
        assert!(met(at(json!("a")), r#"{"a": 7.0}"#));
        assert!(met(at(json!([])), "7"));
        for path in [json!("b"), json!(["a", 2]), json!(["a", -3]), json!(["a", "x"]), json!(0)] {
            assert!(!met(at(path.clone()), r#"{"a": [0, 7]}"#), "{path}");
        }
    }

    #[test]
    fn what_is_not_there_is_null() {
        assert!(met(json!({"type": "json", "data_path": "x", "data_type": "null"}), "{}"));
        assert!(met(json!({"type": "json", "data_path": "x", "data_value": null}), "{}"));
        assert!(!met(json!({"type": "json"}), "no JSON, so no payload"));
    }

    #[test]
    fn values_are_equal_as_in_python() {
        for (value, data, expected) in [
            (json!(1), "1.0", true),
            (json!(1), "true", true),
            (json!(false), "0", true),
            (json!({"a": [1]}), r#"{"a": [true]}"#, true),
            (json!({"a": 1}), r#"{"a": 1, "b": 1}"#, false),
            (json!(9_007_199_254_740_993_u64), "9007199254740992.0", false),
            (json!("1"), "1", false),
            (json!(null), "false", false),
        ] {
            assert_eq!(met(json!({"type": "json", "data_value": value}), data), expected, "{value} and {data}");
        }
    }

    #[test]
    fn conditions_are_joined() {
        let of_type = |name: &str| json!({"type": "json", "data_type": name});
        let any = json!({"type": "any", "conditions": [of_type("number"), of_type("string")]});
        assert!(met(any.clone(), "1") && met(any.clone(), r#""x""#) && !met(any.clone(), "true"));
        let all = json!({"type": "all", "conditions": [any, {"type": "json", "data_value": 1}]});
        assert!(met(all.clone(), "1") && !met(all, "2"));
        assert!(met(json!({"type": "all", "conditions": []}), "1"));
        assert!(!met(json!({"type": "any", "conditions": []}), "1"));
    }
}
