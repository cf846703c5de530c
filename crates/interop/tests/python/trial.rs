//! How a test asks the reference.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use hat_event_interop::{Python, Random};
use serde_json::Value;

use crate::differences::Differences;

/// The newest version of the reference.
pub(crate) const NEWEST: &str = "HAT_PYTHON_0_9_44";
/// The version whose surface is ported.
pub(crate) const PORTED: &str = "HAT_PYTHON_0_9_30";

/// So many cases are asked about at once.
const BATCH: u64 = 500;

/// What a judge says: why it is no agreement, if it is none.
pub(crate) type Verdict = Result<(), String>;

/// A kind of question that is put to a Python and to this project.
pub(crate) struct Trial<T> {
    /// The environment variable that names the Python.
    pub(crate) python: &'static str,
    /// Which function of the oracle answers.
    pub(crate) about: &'static str,
    /// Makes a case.
    pub(crate) make: fn(&mut Random) -> T,
    /// The arguments of the function.
    pub(crate) question: fn(&T) -> Value,
    /// Compares the answer with ours.
    pub(crate) judge: fn(&T, &Value, &mut Differences) -> Verdict,
}

impl<T: Debug> Trial<T> {
    /// Asks about all cases, and panics at the first that is not agreed on.
    pub(crate) fn run(self) {
        let Self { python, about, make, question, judge } = self;
        let cases = number("HAT_INTEROP_CASES").unwrap_or(10_000);
        let seed = seed(&format!("{about} of {python}, {cases} cases"));
        let mut python = Python::start(python, "oracle.py").unwrap_or_else(|error| panic!("{error}"));
        let mut differences = Differences::default();
        for first in (0..cases).step_by(BATCH as usize) {
            let batch = first..cases.min(first + BATCH);
            let made: Vec<T> = batch.clone().map(|case| make(&mut Random::new(seed, about, case))).collect();
            let questions: Vec<Value> = made.iter().map(question).collect();
            let answers = python.ask(about, &questions).unwrap_or_else(|error| panic!("{error}"));
            for (((case, made), question), answer) in batch.zip(&made).zip(&questions).zip(&answers) {
                let verdict = match answer.get("crash") {
                    Some(signal) => Err(format!("signal {signal} ended the reference")),
                    None => judge(made, answer, &mut differences),
                };
                if let Err(why) = verdict {
                    panic!(
                        "{about}: HAT_INTEROP_SEED={seed}, case {case}: {why}\n{made:?}\nquestion: {question}\nanswer: {answer}"
                    );
                }
            }
        }
        println!("differences: {}", differences.summary());
    }
}

/// Agreement if two answers are the same.
pub(crate) fn same<A: Debug + PartialEq<B>, B: Debug>(what: &str, ours: A, theirs: B) -> Verdict {
    if ours == theirs { Ok(()) } else { Err(format!("{what}: ours is {ours:?}, theirs is {theirs:?}")) }
}

/// The seed of a test, which is printed.
pub(crate) fn seed(about: &str) -> u64 {
    let seed = number("HAT_INTEROP_SEED").unwrap_or_else(random_seed);
    println!("{about}: HAT_INTEROP_SEED={seed}");
    seed
}

pub(crate) fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

fn random_seed() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Random::new(since.as_nanos() as u64, "seed", 0).bits() >> 32
}
