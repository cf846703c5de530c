use std::fmt;

/// Where in a value: the fields and items that lead there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Path {
    /// From the innermost to the outermost.
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Field(String),
    Item(usize),
}

impl Path {
    /// Goes out of a field.
    pub(crate) fn push_field(&mut self, name: &str) {
        self.steps.push(Step::Field(name.to_owned()));
    }

    /// Goes out of an item of an array.
    pub(crate) fn push_item(&mut self, index: usize) {
        self.steps.push(Step::Item(index));
    }

    /// The path before a message: nothing if it is empty, else with a colon and a space.
    pub(crate) fn prefix(&self) -> String {
        if self.steps.is_empty() { String::new() } else { format!("{self}: ") }
    }
}

/// As in `events[17].payload.data`.
impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, step) in self.steps.iter().rev().enumerate() {
            match step {
                Step::Field(name) if i == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Item(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
