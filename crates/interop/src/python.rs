use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

/// A program of the folder `python` that answers questions: a line of JSON each.
#[derive(Debug)]
pub struct Python {
    child: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// Why a program could not be asked.
#[derive(Debug)]
pub struct PythonError(String);

impl std::fmt::Display for PythonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for PythonError {}

impl Python {
    /// Starts `program` with the Python that the environment variable `variable` names.
    ///
    /// # Errors
    ///
    /// If the variable is not set, as the command that sets it was not used, or Python cannot be started.
    pub fn start(variable: &str, program: &str) -> Result<Self, PythonError> {
        let python: OsString = std::env::var_os(variable)
            .ok_or_else(|| PythonError(format!("{variable} is not set: run this by `cargo xtask interop`")))?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(program);
        let mut child = Command::new(&python)
            .arg("-B")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| PythonError(format!("cannot run {}: {error}", python.display())))?;
        let (Some(questions), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(PythonError("a started program has no pipes".to_owned()));
        };
        Ok(Self { child, questions: Some(questions), answers: BufReader::new(answers) })
    }

    /// Asks about all of the cases, and waits for as many answers.
    ///
    /// # Errors
    ///
    /// If the program ends, or its answer is not understood.
    pub fn ask(&mut self, about: &str, cases: &[Value]) -> Result<Vec<Value>, PythonError> {
        let failed = |error: String| PythonError(format!("no answer about {about}: {error}"));
        let question = format!("{{\"about\":{},\"cases\":{}}}\n", Value::from(about), Value::from(cases));
        let pipe = self.questions.as_mut().ok_or_else(|| failed("the program was ended".to_owned()))?;
        pipe.write_all(question.as_bytes()).and_then(|()| pipe.flush()).map_err(|error| failed(error.to_string()))?;
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| failed(error.to_string()))?;
        if line.is_empty() {
            return Err(failed("the program ended; what it said is above".to_owned()));
        }
        let answers: Vec<Value> = serde_json::from_str(&line).map_err(|error| failed(error.to_string()))?;
        if answers.len() != cases.len() {
            return Err(failed(format!("{} answers to {} cases", answers.len(), cases.len())));
        }
        Ok(answers)
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // Without questions left, the program ends by itself.
        self.questions = None;
        let _ = self.child.wait();
    }
}
