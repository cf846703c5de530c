use std::path::PathBuf;

use hat_event_common::{Repository, sbs_repo};

use crate::failure::Failure;
use crate::input;

/// The modules that are built in, and those in the given files.
pub(crate) fn repository(schemas: &[PathBuf]) -> Result<Repository, Failure> {
    let mut builder = Repository::builder().repository(sbs_repo()).schema("HatChatter.sbs", hat_event_chatter::SCHEMA);
    for path in schemas {
        builder = builder.schema(path.display().to_string(), input::read_text(path)?);
    }
    builder.build().map_err(|error| Failure::Input(error.to_string()))
}
