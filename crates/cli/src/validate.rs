use std::io::Write;
use std::path::{Path, PathBuf};

use hat_event_common::{JsonSchemaError, SchemaRepository, Violation, json_schema_repo};
use hat_event_server::conf::{Document, Format};
use serde_json::Value;

use crate::document;
use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::{Output, escape};

const HELP: &str = "\
Examples:
  hat-event validate --schema hat-event://server.yaml server.yaml
  hat-event validate --schema 'hat-event://server.yaml#/$defs/backend' backend.toml
  hat-event validate --schema hat-json://path.yaml --format json - < path

Exit codes:
  0  all files are valid
  1  a file is not
  2  a file could not be read, or there is no such schema";

const SERVER: &str = "hat-event://server.yaml";

/// The backends whose configuration has a schema of its own, by the names of their modules.
const BACKENDS: [(&str, &str); 2] = [
    ("hat.event.backends.lmdb", "hat-event://backends/lmdb.yaml"),
    ("hat.event.backends.sqlite", "hat-event://backends/sqlite.yaml"),
];

/// Checks configurations against a JSON schema.
///
/// Prints a line for each violation: the file, the value in it, what is wrong, where it stands, and the rule. In the configuration of a
/// server, the section of its backend is checked against the schema of that backend too, where it has one.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// Id of the schema; may end in a fragment, which is a place in it.
    #[arg(long, value_name = "ID", required_unless_present = "list")]
    schema: Option<String>,

    /// JSON, YAML or TOML, as the ending says: .json, .yaml, .yml, .toml; - is standard input.
    #[arg(value_name = "FILE", required_unless_present = "list")]
    files: Vec<PathBuf>,

    /// Format of the files, whatever their ending.
    #[arg(long, value_parser = document::format())]
    format: Option<Format>,

    /// Print the ids of all schemas, and do nothing else.
    #[arg(long)]
    list: bool,
}

pub(crate) fn run(args: &Args, out: &mut Output) -> Result<Exit, Failure> {
    let repo = json_schema_repo();
    if args.list {
        for id in repo.ids() {
            writeln!(out, "{id}")?;
        }
        return Ok(Exit::Done);
    }
    let id = args.schema.as_deref().unwrap_or_default();
    // Whether there is such a schema, before anything is read, for which one may have to wait.
    violations(repo, id, &Value::Null)?;
    let mut exit = Exit::Done;
    for path in &args.files {
        match document::read(path, args.format) {
            Ok(document) => {
                let violations = violations(repo, id, document.value())?;
                print(out, path, &document, &violations)?;
                if exit == Exit::Done && !violations.is_empty() {
                    exit = Exit::No;
                }
            }
            Err(failure) => {
                out.complain(&failure.to_string());
                exit = Exit::Failed;
            }
        }
    }
    Ok(exit)
}

/// What of a document contradicts the schema, and what of its backend's section that of the backend.
fn violations(repo: &SchemaRepository, id: &str, document: &Value) -> Result<Vec<Violation>, Failure> {
    let check = |id: &str, document: &Value| match repo.validate(id, document) {
        Ok(()) => Ok(Vec::new()),
        Err(JsonSchemaError::Violated { violations, .. }) => Ok(violations),
        Err(error) => Err(Failure::Input(error.to_string())),
    };
    let mut violations = check(id, document)?;
    let backend = &document["backend"];
    if id == SERVER
        && let Some((_, id)) = BACKENDS.iter().find(|(module, _)| backend["module"] == *module)
    {
        violations.extend(check(id, backend)?.into_iter().map(|mut violation| {
            violation.pointer.insert_str(0, "/backend");
            violation
        }));
    }
    Ok(violations)
}

fn print(out: &mut Output, path: &Path, document: &Document, violations: &[Violation]) -> Result<(), Failure> {
    let style = out.styles();
    let path = escape(&input::name(path));
    if violations.is_empty() {
        writeln!(out, "{path}: valid")?;
    }
    for violation in violations {
        let place = if violation.pointer.is_empty() { "(the whole)" } else { &violation.pointer };
        let at = document.place(&violation.pointer).map(|at| format!(" at {at}")).unwrap_or_default();
        let (strong, faint) = (style.strong, style.faint);
        writeln!(
            out,
            "{path}: {strong}{}{strong:#}: {}{at} {faint}({}){faint:#}",
            escape(place),
            escape(&violation.message),
            escape(&violation.rule)
        )?;
    }
    Ok(())
}
