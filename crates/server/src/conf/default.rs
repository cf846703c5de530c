use std::path::Path;

use serde_json::{Value, json};

use super::ReadError;

/// The configuration of a server that nobody configured.
///
/// It keeps all events, the latest of each type and as time series, in the file `event.db` in a folder, and acknowledges
/// them when they are on disk. It listens on this host alone.
///
/// # Errors
///
/// [`ReadError::DataFolder`] if the path of the folder is not UTF-8.
pub fn embedded_default(folder: &Path) -> Result<Value, ReadError> {
    let path = folder.join("event.db");
    let path = path.to_str().ok_or_else(|| ReadError::DataFolder(folder.to_owned()))?;
    Ok(json!({
        "type": "event",
        "name": "event",
        "server_id": 1,
        "backend": {
            "module": "hat.event.backends.lmdb",
            "db_path": path,
            "identifier": null,
            "durability": "flushed",
            "flush_period": 5,
            "cleanup_period": 60,
            "conditions": [],
            "latest": {"subscriptions": [["*"]]},
            "timeseries": [
                {"order_by": "TIMESTAMP", "subscriptions": [["*"]]},
                {"order_by": "SOURCE_TIMESTAMP", "subscriptions": [["*"]]},
            ],
        },
        "modules": [],
        "eventer_server": {"host": "127.0.0.1", "port": 23012},
    }))
}

#[cfg(test)]
mod tests {
    use hat_event_common::json_schema_repo;

    use super::*;
    use crate::conf::{Document, Format};

    #[test]
    fn the_book_has_the_same() {
        let yaml = include_str!("../../../../docs/src/default.yaml");
        let document = Document::parse(yaml, Format::Yaml).unwrap();
        assert_eq!(document.value(), &embedded_default(Path::new("/home/me/.local/share/hat")).unwrap());
        assert_eq!(document.remarks(), []);
    }

    #[test]
    fn the_reference_takes_it_too() {
        let conf = embedded_default(Path::new("")).unwrap();
        json_schema_repo().validate("hat-event://server.yaml", &conf).unwrap();
        json_schema_repo().validate("hat-event://backends/lmdb.yaml", &conf["backend"]).unwrap();
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn folders_that_are_no_text_are_refused() {
        use std::os::unix::ffi::OsStrExt;

        let error = embedded_default(Path::new(std::ffi::OsStr::from_bytes(b"/\xFF"))).unwrap_err();
        assert_eq!(error.to_string(), "the folder /\u{FFFD} for data has a name that is not UTF-8");
    }
}
