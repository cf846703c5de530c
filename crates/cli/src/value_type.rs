use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use hat_event_common::Repository;

use crate::failure::{Exit, Failure};
use crate::input;
use crate::output::{Output, escape};
use crate::repository::repository;

/// Of which type a value is: the options that `decode` and `encode` share.
#[derive(Debug, clap::Args)]
pub(crate) struct ValueType {
    /// Name of the type with its module, such as HatEventer.Event, or a builtin type such as Integer.
    #[arg(short = 't', long = "type", value_name = "NAME", required_unless_present = "list")]
    name: Option<String>,

    /// Schema (.sbs) of a further module; modules may refer to each other and to those that are built in.
    #[arg(long, value_name = "FILE")]
    schema: Vec<PathBuf>,

    /// Print the names of all types, and do nothing else.
    #[arg(long)]
    list: bool,
}

/// The types that need no module.
const BUILTINS: [&str; 6] = ["None", "Boolean", "Integer", "Float", "String", "Bytes"];

impl ValueType {
    /// Reads a file and writes what `convert` makes of it, or lists the types if they were asked for.
    ///
    /// `convert` is given the repository, the name of a type in it, and what the file holds.
    pub(crate) fn convert(
        &self,
        file: &Path,
        out: &mut Output,
        convert: impl FnOnce(&Repository, &str, Vec<u8>) -> Result<Vec<u8>, Box<dyn Error>>,
    ) -> Result<Exit, Failure> {
        let repository = repository(&self.schema)?;
        let mut types = BUILTINS.into_iter().chain(repository.type_names());
        match &self.name {
            Some(name) if !self.list => {
                // Before anything is read, for which one may have to wait.
                if !types.any(|known| known == name) {
                    return Err(unknown(name, &repository));
                }
                let converted = convert(&repository, name, input::read(file)?);
                out.write_all(&converted.map_err(|error| Failure::input(file, error))?)?;
            }
            _ => {
                for name in types {
                    writeln!(out, "{}", escape(name))?;
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn unknown(name: &str, repository: &Repository) -> Failure {
    let known: Vec<&str> = BUILTINS.into_iter().chain(repository.type_names()).collect();
    Failure::Input(format!(
        "there is no type {name:?}; types are {}; a type with arguments, such as Array(Integer), has to be given a name in a \
         schema",
        known.join(", ")
    ))
}
