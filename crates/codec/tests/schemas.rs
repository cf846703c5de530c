//! Random schemas with random data of their types, held against an encoder that is too simple to be wrong.

use bytes::Bytes;
use hat_event_codec::{Data, Repository, SbsError};
use proptest::collection::vec;
use proptest::prelude::*;

/// A type, and how a schema says it.
#[derive(Clone, Debug)]
enum Shape {
    Simple(&'static str),
    Array(Box<Self>),
    Optional(Box<Self>),
    Record(Vec<Self>),
    Choice(Vec<Self>),
    /// A definition of its own, in one of two modules that refer to each other.
    Named(Box<Self>),
    /// The argument of a definition with a parameter.
    Argument(Box<Self>),
}

use Shape::*;

/// Names of fields and options.
const NAMES: [&str; 5] = ["a", "b1", "Record", "none", "x_Y"];

fn shape() -> impl Strategy<Value = Shape> {
    let simple = prop::sample::select(&["None", "Boolean", "Integer", "Float", "String", "Bytes"]).prop_map(Simple);
    simple.prop_recursive(5, 30, 4, |shape| {
        let one = shape.clone().prop_map(Box::new);
        prop_oneof![
            one.clone().prop_map(Array),
            one.clone().prop_map(Optional),
            vec(shape.clone(), 1..NAMES.len()).prop_map(Record),
            vec(shape, 1..NAMES.len()).prop_map(Choice),
            one.clone().prop_map(Named),
            one.prop_map(Argument),
        ]
    })
}

fn data(shape: &Shape) -> BoxedStrategy<Data> {
    match shape {
        Simple("None") => Just(Data::None).boxed(),
        Simple("Boolean") => any::<bool>().prop_map(Data::from).boxed(),
        Simple("Integer") => prop_oneof![any::<i64>(), -200..200i64].prop_map(Data::from).boxed(),
        Simple("Float") => any::<f64>().prop_map(|value| if value.is_nan() { 0.1 } else { value }.into()).boxed(),
        Simple("String") => any::<String>().prop_map(Data::from).boxed(),
        Simple(_) => vec(any::<u8>(), 0..70).prop_map(|bytes| Bytes::from(bytes).into()).boxed(),
        Array(item) => vec(data(item), 0..4).prop_map(Data::from).boxed(),
        Optional(item) => prop::option::of(data(item)).prop_map(Data::optional).boxed(),
        Record(fields) => {
            let values: Vec<_> = fields.iter().map(data).collect();
            values.prop_map(|values| Data::record(NAMES.into_iter().zip(values))).boxed()
        }
        Choice(options) => {
            let options: Vec<_> = options.iter().map(data).zip(NAMES).collect();
            prop::sample::select(options)
                .prop_flat_map(|(value, name)| value.prop_map(move |value| Data::choice(name, value)))
                .boxed()
        }
        Named(shape) => data(shape),
        Argument(shape) => {
            let fields = (data(shape), vec(data(shape), 0..3));
            fields.prop_map(|(one, many)| Data::record([("one", one), ("many", many.into())])).boxed()
        }
    }
}

/// The type as an expression; definitions that it needs are added.
fn expression(shape: &Shape, definitions: &mut Vec<String>) -> String {
    let mut entries = |shapes: &[Shape]| {
        let entry = |(shape, name)| format!("{name}: {}", expression(shape, definitions));
        shapes.iter().zip(NAMES).map(entry).collect::<Vec<_>>().join(", ")
    };
    match shape {
        Simple(name) => (*name).to_owned(),
        Array(item) => format!("Array({})", expression(item, definitions)),
        Optional(item) => format!("Optional({})", expression(item, definitions)),
        Record(fields) => format!("Record {{{}}}", entries(fields)),
        Choice(options) => format!("Choice {{{}}}", entries(options)),
        Named(shape) => {
            let body = expression(shape, definitions);
            definitions.push(body);
            let number = definitions.len() - 1;
            format!("{}.T{number}", module(number))
        }
        Argument(shape) => format!("Even.Argument({})", expression(shape, definitions)),
    }
}

fn module(number: usize) -> &'static str {
    if number.is_multiple_of(2) { "Even" } else { "Odd" }
}

fn repository(shape: &Shape) -> Repository {
    let mut definitions = Vec::new();
    let root = expression(shape, &mut definitions);
    let mut even = format!("module Even Root = {root}\nArgument(T0) = Record {{ one: T0 many: Array(T0) }}");
    let mut odd = "module Odd # comment".to_owned();
    for (number, body) in definitions.iter().enumerate() {
        let text = if module(number) == "Even" { &mut even } else { &mut odd };
        *text += &format!("\nT{number} = {body}");
    }
    Repository::builder().schema("odd", odd).schema("even", even).build().unwrap()
}

/// Writes data by the rules of the reference, each number padded with so many needless bytes.
fn put(shape: &Shape, data: &Data, padding: usize, out: &mut Vec<u8>) {
    match (shape, data) {
        (_, Data::None) => {}
        (_, Data::Boolean(value)) => out.push(if *value { 1 + padding as u8 } else { 0 }),
        (_, Data::Integer(value)) => put_integer(*value, padding, out),
        (_, Data::Float(value)) => out.extend(value.to_be_bytes()),
        (_, Data::String(text)) => {
            put_integer(text.len() as i64, padding, out);
            out.extend(text.as_bytes());
        }
        (_, Data::Bytes(bytes)) => {
            put_integer(bytes.len() as i64, padding, out);
            out.extend(bytes);
        }
        (Array(item), Data::Array(items)) => {
            put_integer(items.len() as i64, padding, out);
            items.iter().for_each(|data| put(item, data, padding, out));
        }
        (Optional(item), Data::Choice(name, value)) => {
            put_integer((name == "value").into(), padding, out);
            put(item, value, padding, out);
        }
        (Record(shapes), Data::Record(fields)) => {
            shapes.iter().zip(fields).for_each(|(shape, (_, data))| put(shape, data, padding, out));
        }
        (Choice(shapes), Data::Choice(name, value)) => {
            let index = NAMES.iter().position(|option| name == option).unwrap();
            put_integer(index as i64, padding, out);
            put(&shapes[index], value, padding, out);
        }
        (Named(shape), data) => put(shape, data, padding, out),
        (Argument(shape), data) => {
            put(shape, data.get("one").unwrap(), padding, out);
            put(&Array(shape.clone()), data.get("many").unwrap(), padding, out);
        }
        (shape, data) => panic!("{data:?} is no {shape:?}"),
    }
}

/// Group by group from the last one, as the reference's serializer in Python does.
fn put_integer(value: i64, padding: usize, out: &mut Vec<u8>) {
    let mut groups = vec![(value & 0x7F) as u8 | 0x80];
    let mut rest = value >> 7;
    let sign = |groups: &[u8]| if groups[groups.len() - 1] & 0x40 == 0 { 0 } else { -1 };
    while rest != sign(&groups) {
        groups.push((rest & 0x7F) as u8);
        rest >>= 7;
    }
    groups.extend(vec![if value < 0 { 0x7F } else { 0 }; padding]);
    out.extend(groups.iter().rev());
}

proptest! {
    #[test]
    fn any_data_of_any_schema_comes_back(
        (shape, data) in shape().prop_flat_map(|shape| (Just(shape.clone()), data(&shape))), padding in 1..12usize,
    ) {
        let repository = repository(&shape);
        let mut expected = Vec::new();
        put(&shape, &data, 0, &mut expected);
        let bytes = repository.encode("Even.Root", &data).unwrap();
        prop_assert_eq!(&bytes, &expected);
        prop_assert_eq!(&repository.decode("Even.Root", bytes.clone()).unwrap(), &data);

        // However numbers are padded.
        let mut padded = Vec::new();
        put(&shape, &data, padding, &mut padded);
        prop_assert_eq!(&repository.decode("Even.Root", padded.into()).unwrap(), &data);

        // The JSON form keeps everything.
        let text = serde_json::to_string(&data).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Data>(&text).unwrap(), &data);

        // No beginning of a value is one.
        for len in 0..bytes.len() {
            prop_assert!(matches!(repository.decode("Even.Root", bytes.slice(..len)), Err(SbsError::Decode(_))));
        }
    }

    #[test]
    fn any_bytes_are_decoded_by_any_schema_or_refused(shape in shape(), bytes in vec(any::<u8>(), 0..40)) {
        let repository = repository(&shape);
        if let Ok(data) = repository.decode("Even.Root", bytes.clone().into()) {
            let canonical = repository.encode("Even.Root", &data).unwrap();
            prop_assert!(canonical.len() <= bytes.len());
            // As text, for NaN is not equal to itself.
            let again = repository.decode("Even.Root", canonical).unwrap();
            prop_assert_eq!(format!("{again:?}"), format!("{data:?}"));
        }
    }

    #[test]
    fn any_text_is_a_schema_or_refused(words in vec(prop::sample::select(&WORDS), 0..30), any: String) {
        for text in [words.concat(), format!("module A T = {}", words.concat()), any] {
            if let Err(error) = Repository::parse(&text) {
                prop_assert!(error.line() >= 1 && error.line() <= text.lines().count() + 1, "{}", error);
            }
        }
    }
}

const WORDS: [&str; 19] = [
    "module ", "A", "B", "T", "Record", "Choice", "Array", "Optional", "Integer", "None", "{", "}", "(", ")", ":", "=",
    ".", " ", "#\n",
];
