use std::io::Write;
use std::path::PathBuf;

use hat_event_common::Repository;

use crate::failure::Failure;
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

impl ValueType {
    /// The type's name and the repository that has it, or nothing if types were to be listed.
    pub(crate) fn find(&self, out: &mut Output) -> Result<Option<(Repository, &str)>, Failure> {
        let repository = repository(&self.schema)?;
        if let (false, Some(name)) = (self.list, &self.name) {
            return Ok(Some((repository, name)));
        }
        for name in repository.type_names() {
            writeln!(out, "{}", escape(name))?;
        }
        Ok(None)
    }
}
