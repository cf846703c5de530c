//! The reference, in a process of its own.

use std::cell::RefCell;

use hat_event_common::EventType;
use hat_event_interop::Python;
use serde_json::{Value, json};

use crate::Result;
use crate::contest::{CORE, Entry, REFERENCE, SECONDS};

/// `compare.py`, which holds one workload at a time; it runs from the first question on.
#[derive(Default)]
pub(crate) struct Reference(RefCell<Option<Python>>);

impl Reference {
    fn ask(&self, about: &str, case: Value) -> Result<Value> {
        let mut python = self.0.borrow_mut();
        let python = match &mut *python {
            Some(python) => python,
            none => none.insert(Python::start("HAT_PYTHON_0_9_44", "compare.py")?),
        };
        Ok(python.ask(about, &[case])?.pop().unwrap_or_default())
    }

    /// Loads a workload into the function of this name and returns the results.
    pub(crate) fn load(&self, name: &str, workload: Value) -> Result<Value> {
        self.ask("load", json!({"name": name, "workload": workload}))
    }

    /// Seconds an item that work of the workload takes.
    fn measure(&self, work: &str) -> Result<f64> {
        Ok(self.ask("measure", json!({"work": work, "seconds": SECONDS}))?.as_f64().ok_or("no time")?)
    }

    /// What the work takes as a user of Python has it.
    pub(crate) fn whole<'a>(&'a self, work: &'a str) -> Entry<'a> {
        Entry::new(REFERENCE, move || self.measure(work))
    }

    /// What the work takes in the part that is written in C: the calls of its methods in a loop, without what a loop of
    /// the same calls takes where they have nothing to do.
    pub(crate) fn core<'a>(&'a self, work: &'a str) -> Entry<'a> {
        let (core, calls) = (format!("{work} core"), format!("{work} calls"));
        Entry::new(CORE, move || Ok(self.measure(&core)? - self.measure(&calls)?))
    }
}

/// Event types as `compare.py` reads them: a line each, as fast as a million of them demand.
pub(crate) fn lines(event_types: &[EventType]) -> String {
    let line = |event_type: &EventType| {
        let segments: Vec<&str> = event_type.segments().collect();
        assert!(!segments.is_empty() && segments.iter().all(|segment| !segment.contains(['/', '\n'])), "{event_type}");
        segments.join("/")
    };
    event_types.iter().map(line).collect::<Vec<_>>().join("\n")
}
