//! What was measured, and the file in which `cargo xtask compare --report` finds it.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use serde_json::{Value, json};

/// Numbers by what they tell: seconds, bytes or a count for one of whatever it is about.
pub(crate) type Measured = BTreeMap<String, f64>;

pub(crate) fn measured<const N: usize>(numbers: [(&str, f64); N]) -> Measured {
    numbers.map(|(name, number)| (name.to_owned(), number)).into()
}

/// What is written at the end.
#[derive(Default)]
pub(crate) struct Results {
    points: Vec<Value>,
    ends: Vec<Value>,
}

impl Results {
    /// Adds what a contestant took at a size.
    pub(crate) fn add(&mut self, work: &str, contestant: &str, size: usize, measured: &Measured) {
        for (what, number) in measured {
            self.points.push(json!({
                "work": work, "what": what, "contestant": contestant, "size": size, "number": number,
            }));
        }
    }

    /// Notes that a contestant was not measured at a size, as it would need so many bytes of memory.
    pub(crate) fn end(&mut self, work: &str, contestant: &str, size: usize, needs: f64) {
        self.ends.push(json!({"work": work, "contestant": contestant, "size": size, "needs": needs}));
    }

    /// Writes all of it.
    ///
    /// # Errors
    ///
    /// If the file cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Box<dyn Error>> {
        let all = json!({"points": self.points, "ends": self.ends});
        std::fs::write(path, format!("{all:#}\n"))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        Ok(())
    }
}
