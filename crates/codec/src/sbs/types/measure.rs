use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::definitions::Defined;
use super::expand::{Expanded, Form, Shape};
use super::{Arena, Kind, Type, TypeId};
use crate::sbs::schema::{SchemaError, SchemaErrorKind};

/// How many values the records within a record may be in all. Those of an array without content take no bytes, so this
/// is what bounds them.
const MAX_VALUES: usize = 1 << 16;

/// Finds the shortest value of every type.
///
/// Types are settled from the shortest to the longest: a choice with the first of its options, a record with the last
/// of its fields. What is never settled has no finite value.
///
/// # Errors
///
/// [`SchemaErrorKind::NoFiniteValue`], [`SchemaErrorKind::TooManyFields`].
pub(crate) fn measure(expanded: &Expanded<'_>) -> Result<Arena<Type>, SchemaError> {
    let shapes = &expanded.shapes;
    let mut users: Arena<Vec<TypeId>> = shapes.iter().map(|_| Vec::new()).collect();
    for (id, shape) in shapes.iter() {
        for part in parts(&shape.form) {
            users[part].push(id);
        }
    }
    let mut states: Arena<State> = shapes.iter().map(|(id, shape)| State::new(id, &shape.form)).collect();
    let mut ready: BinaryHeap<_> =
        states.iter().filter(|(_, state)| state.missing == 0).map(|(id, state)| Reverse((state.min_len, id))).collect();
    while let Some(Reverse((min_len, id))) = ready.pop() {
        let State { values, target, .. } = states[id];
        for &user in &users[id] {
            let state = &mut states[user];
            if state.missing == 0 {
                // A choice that has a shorter option.
                continue;
            }
            state.missing -= 1;
            state.min_len = state.min_len.saturating_add(min_len);
            match shapes[user].form {
                Form::Definition { .. } => (state.values, state.target) = (values, target),
                Form::Kind(Kind::Record(_)) => state.values = state.values.saturating_add(values),
                Form::Kind(_) => {}
            }
            if state.missing == 0 {
                ready.push(Reverse((state.min_len, user)));
            }
        }
    }
    for (id, shape) in shapes.iter() {
        let Some(origin) = shape.origin else { continue };
        if states[id].missing > 0 {
            let culprit = container_of_itself(shapes, &states, id).unwrap_or(origin);
            return Err(culprit.error(SchemaErrorKind::NoFiniteValue(culprit.name())));
        }
        if states[id].values > MAX_VALUES {
            let kind = SchemaErrorKind::TooManyFields { name: origin.name(), limit: MAX_VALUES };
            return Err(origin.error(kind));
        }
    }
    let settled = |(_, state): (_, &State)| {
        let kind = match &shapes[state.target].form {
            Form::Kind(kind) => kind.clone(),
            Form::Definition { .. } => Kind::None,
        };
        Type { kind, min_len: state.min_len, values: state.values }
    };
    Ok(states.iter().map(settled).collect())
}

/// What is known of the shortest value of a type.
#[derive(Clone, Copy)]
struct State {
    /// How many types have to be settled before this one.
    missing: usize,
    /// The fewest bytes, of what is not missing.
    min_len: usize,
    /// See [`Type::values`], of what is not missing.
    values: usize,
    /// The type itself; for a definition that is settled, what it is in the end.
    target: TypeId,
}

impl State {
    fn new(id: TypeId, form: &Form) -> Self {
        let (missing, min_len, values) = match form {
            Form::Definition { .. } => (1, 0, 0),
            Form::Kind(Kind::None) => (0, 0, 1),
            Form::Kind(Kind::Float) => (0, 8, 1),
            Form::Kind(Kind::Record(fields)) => (fields.len(), 0, 1),
            Form::Kind(Kind::Choice(_)) => (1, 1, 1),
            Form::Kind(_) => (0, 1, 1),
        };
        Self { missing, min_len, values, target: id }
    }
}

/// The types of which a value has to contain one or all. An array may be empty, an optional value absent.
fn parts(form: &Form) -> Vec<TypeId> {
    match form {
        Form::Definition { body } => vec![*body],
        Form::Kind(Kind::Record(entries) | Kind::Choice(entries)) => entries.iter().map(|entry| entry.id).collect(),
        Form::Kind(_) => Vec::new(),
    }
}

/// Of a type without a finite value, the first definition among those that lead from it back to themselves.
#[cold]
fn container_of_itself<'a>(shapes: &Arena<Shape<'a>>, states: &Arena<State>, id: TypeId) -> Option<Defined<'a>> {
    let next = |id: &TypeId| parts(&shapes[*id].form).into_iter().find(|part| states[*part].missing > 0);
    let walk = |from| std::iter::successors(Some(from), next);
    // After as many steps as there are types, the walk goes in a circle; each step after that is on it.
    let on_circle = walk(id).nth(shapes.len())?;
    let circle = std::iter::once(on_circle).chain(walk(on_circle).skip(1).take_while(|id| *id != on_circle));
    let first = circle.filter(|id| matches!(shapes[*id].form, Form::Definition { .. })).min()?;
    shapes[first].origin
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sbs::schema::parse;
    use crate::sbs::types::expand;

    /// Shortest length of `M.T`.
    fn min_len(text: &str) -> Result<usize, String> {
        let module = parse("test", &format!("module M\n{text}").into()).unwrap();
        let expanded = expand(&[&module]).unwrap();
        let types = measure(&expanded).map_err(|error| error.to_string())?;
        let (_, id) = expanded.named.iter().find(|(name, _)| name == "M.T").unwrap();
        Ok(types[*id].min_len)
    }

    #[test]
    fn shortest_values_are_found() {
        for (text, expected) in [
            ("T = None", 0),
            ("T = Float", 8),
            ("T = Array(Float)", 1),
            ("T = Optional(Float)", 1),
            ("T = Record{a: Float b: Integer c: None d: None}", 9),
            ("T = Choice{a: Float b: Integer}", 2),
            ("T = Choice{a: Float b: T c: Choice{d: None}}", 2),
            ("T = A A = B B = Record{a: A1 b: A1} A1 = String", 2),
            ("T = Record{children: Array(T)}", 1),
            ("T = Record{a: Float next: Optional(T)}", 9),
            ("T = Choice{end: Float next: Record{a: Integer b: T}}", 9),
            ("T = Both(Both(Integer)) Both(x) = Record{a: x b: x}", 4),
        ] {
            assert_eq!(min_len(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn types_without_a_finite_value_are_errors() {
        for (text, place) in [
            ("T = T", "2:1: T"),
            ("T = A\nA = B\nB = A", "3:1: A"),
            ("T = Record{a: T}", "2:1: T"),
            ("T = Choice{a: T b: Record{c: Integer d: T}}", "2:1: T"),
            ("T = Record{a: Integer b: A}\n A = Choice{a: B}\nB = Record{a: None b: A}", "3:2: A"),
            ("T = None U(x) = Record{a: x b: U(x)}", "2:10: U"),
        ] {
            let error = format!("test:{place} has no finite value, because it contains itself");
            assert_eq!(min_len(text), Err(error), "{text}");
        }
    }

    #[test]
    fn records_do_not_multiply_without_limit() {
        let mut text = "T0 = None\n".to_owned();
        for i in 1..=20 {
            text += &format!("T{i} = Record{{a: T{0} b: T{0}}}\n", i - 1);
        }
        let error = "holds more than 65536 fields in all";
        assert_eq!(min_len(&(text.clone() + "T = T20")), Err(format!("test:18:1: T16 {error}")));
        let text = text.split_inclusive('\n').take(16).collect::<String>();
        assert_eq!(min_len(&(text.clone() + "T = T15")), Ok(0));
        let inline = "T = Array(Record{a: T15 b: T15})";
        assert_eq!(min_len(&(text + inline)), Err(format!("test:18:1: T {error}")));
    }
}
