//! What the benches measured.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Result;

/// Numbers by size, of each contestant, of what was done.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    numbers: BTreeMap<(String, String, String), BTreeMap<u64, f64>>,
    ends: Vec<End>,
}

/// A contestant was not measured at a size, as it would need so many bytes of memory.
#[derive(Debug)]
pub(super) struct End {
    pub(super) work: String,
    pub(super) contestant: String,
    pub(super) size: u64,
    pub(super) needs: f64,
}

impl Numbers {
    /// Adds what a bench wrote.
    pub(super) fn read(&mut self, text: &str) -> Result {
        let file: Value = serde_json::from_str(text)?;
        let list = |name: &str| file[name].as_array().cloned().ok_or_else(|| format!("numbers without {name}"));
        for point in list("points")? {
            let key = (name(&point, "work")?, name(&point, "what")?, name(&point, "contestant")?);
            self.numbers.entry(key).or_default().insert(size(&point)?, number(&point, "number")?);
        }
        for end in list("ends")? {
            self.ends.push(End {
                work: name(&end, "work")?,
                contestant: name(&end, "contestant")?,
                size: size(&end)?,
                needs: number(&end, "needs")?,
            });
        }
        Ok(())
    }

    /// Those of a contestant; none if it was not measured.
    pub(super) fn of(&self, work: &str, what: &str, contestant: &str) -> BTreeMap<u64, f64> {
        let key = (work.to_owned(), what.to_owned(), contestant.to_owned());
        self.numbers.get(&key).cloned().unwrap_or_default()
    }

    pub(super) fn ends(&self) -> &[End] {
        &self.ends
    }
}

fn name(value: &Value, name: &str) -> Result<String> {
    Ok(value[name].as_str().ok_or_else(|| format!("numbers without {name}"))?.to_owned())
}

fn number(value: &Value, name: &str) -> Result<f64> {
    Ok(value[name].as_f64().ok_or_else(|| format!("numbers without {name}"))?)
}

fn size(value: &Value) -> Result<u64> {
    Ok(value["size"].as_u64().ok_or("numbers without size")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_bench_wrote_is_found() {
        let mut numbers = Numbers::default();
        let text = r#"{"points": [{"work": "w", "what": "t", "contestant": "c", "size": 10, "number": 0.5}],
                       "ends": [{"work": "w", "contestant": "c", "size": 20, "needs": 1e9}]}"#;
        numbers.read(text).unwrap();
        assert_eq!(numbers.of("w", "t", "c"), BTreeMap::from([(10, 0.5)]));
        assert!(numbers.of("w", "t", "d").is_empty());
        assert!(matches!(numbers.ends(), [End { size: 20, .. }]));
        assert!(numbers.read("{}").is_err());
        assert!(numbers.read(&text.replace("0.5", "null")).is_err());
    }
}
