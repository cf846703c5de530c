//! Reads what `strace -f -y` writes.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::Result;

/// What has to be traced.
pub(crate) const CALLS: &str =
    "trace=openat,pwrite64,pwritev,pwritev2,fsync,fdatasync,msync,write,writev,sendto,sendmsg";

/// What happened before an acknowledgement was written: each step is there if it ended after the one before.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Acknowledged {
    event: String,
    /// The event was written into the file, ...
    stored: bool,
    /// ... the file was synced after that, ...
    synced: bool,
    /// ... and the page that makes it count was written through a descriptor that syncs each write.
    committed: bool,
}

impl Acknowledged {
    /// What is missing, if anything is.
    pub(crate) fn missing(&self) -> Option<String> {
        let missing = [(self.stored, "written"), (self.synced, "synced"), (self.committed, "committed")];
        let what = missing.iter().find(|(is_there, _)| !is_there)?.1;
        Some(format!("the event {} was not {what}", self.event))
    }
}

/// The state of each of `events`, which are texts in their payloads, when its acknowledgement began to be written. All calls
/// with a database count that is `file`.
pub(crate) fn read(trace: &str, file: &Path, events: &[String]) -> Result<Vec<Acknowledged>> {
    let file = format!("<{}>", file.display());
    let mut unfinished: HashMap<&str, &str> = HashMap::new();
    // Descriptors that sync each write.
    let mut syncing: HashSet<&str> = HashSet::new();
    let mut waiting: Vec<Acknowledged> =
        events.iter().map(|event| Acknowledged { event: escaped(event), ..Acknowledged::default() }).collect();
    let mut done = Vec::new();
    for line in trace.lines() {
        let (process, call) = line.split_once(' ').ok_or("a line of the trace has no process")?;
        let call = call.trim_start();
        let is_rest = call.starts_with("<... ");
        let begins = call.strip_suffix(" <unfinished ...>");
        if !is_rest && call.contains("MsgRegisterRes") {
            // It begins to be written here.
            let at = waiting.iter().position(|waiting| call.contains(&waiting.event));
            done.extend(at.map(|at| waiting.remove(at)));
        }
        if let Some(begun) = begins {
            unfinished.insert(process, begun);
            continue;
        }
        let begun = if is_rest { unfinished.remove(process).unwrap_or_default() } else { call };
        let failed =
            call.rsplit_once(" = ").is_none_or(|(_, result)| result.starts_with('-') || result.starts_with('?'));
        if failed || !(begun.contains(&file) || call.contains(&file)) {
            continue;
        }
        let (name, arguments) = begun.split_once('(').ok_or("a line of the trace has no call")?;
        let descriptor = arguments.split('<').next().unwrap_or_default();
        match name {
            "openat" if begun.contains("O_DSYNC") || begun.contains("O_SYNC") => {
                let opened = call.rsplit_once(" = ").map_or("", |(_, result)| result);
                syncing.insert(opened.split('<').next().unwrap_or_default());
            }
            "fsync" | "fdatasync" => {
                waiting.iter_mut().filter(|event| event.stored).for_each(|event| event.synced = true)
            }
            "pwrite64" | "pwritev" | "pwritev2" | "writev" | "write" if syncing.contains(descriptor) => {
                waiting.iter_mut().filter(|event| event.synced).for_each(|event| event.committed = true);
            }
            "pwrite64" | "pwritev" | "pwritev2" | "writev" | "write" => {
                waiting
                    .iter_mut()
                    .filter(|event| arguments.contains(&event.event))
                    .for_each(|event| event.stored = true);
            }
            _ => {}
        }
    }
    match waiting.first() {
        None => Ok(done),
        Some(first) => {
            Err(format!("the trace has no acknowledgement of {}, and {} more", first.event, waiting.len() - 1).into())
        }
    }
}

/// A text as it stands in a trace.
fn escaped(text: &str) -> String {
    text.replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPEN: &str = "7 openat(AT_FDCWD</>, \"/d/event.db\", O_RDWR|O_DSYNC) = 9</d/event.db>\n";
    const STORE: &str = "8 pwrite64(8</d/event.db>, \"..[0, 7, 1]..\", 4096, 8192) = 4096\n";
    const SYNC: &str = "8 fdatasync(8</d/event.db>) = 0\n";
    const COMMIT: &str = "8 pwrite64(9</d/event.db>, \"..\", 120, 0) = 120\n";
    const ACKNOWLEDGE: &str =
        "7 sendto(12<socket:[5]>, \"HatEventer.MsgRegisterRes..[0, 7, 1]\", 90, 0, NULL, 0) = 90\n";

    fn missing(lines: &[&str]) -> Option<String> {
        let read = read(&lines.concat(), Path::new("/d/event.db"), &["[0, 7, 1]".to_owned()]).unwrap();
        read[0].missing()
    }

    #[test]
    fn each_step_has_to_end_before_the_acknowledgement_begins() {
        assert_eq!(missing(&[OPEN, STORE, SYNC, COMMIT, ACKNOWLEDGE]), None);
        for (lines, what) in [
            (vec![OPEN, ACKNOWLEDGE, STORE, SYNC, COMMIT], "written"),
            (vec![OPEN, SYNC, STORE, COMMIT, ACKNOWLEDGE], "synced"),
            (vec![OPEN, STORE, COMMIT, SYNC, ACKNOWLEDGE], "committed"),
            (vec![STORE, SYNC, COMMIT, ACKNOWLEDGE], "committed"),
        ] {
            assert_eq!(missing(&lines).unwrap(), format!("the event [0, 7, 1] was not {what}"));
        }
    }

    #[test]
    fn a_call_counts_when_it_returns() {
        let (begin, end) = ("8 fdatasync(8</d/event.db> <unfinished ...>\n", "8 <... fdatasync resumed>) = 0\n");
        assert_eq!(missing(&[OPEN, STORE, begin, end, COMMIT, ACKNOWLEDGE]), None);
        assert_eq!(
            missing(&[OPEN, STORE, begin, COMMIT, ACKNOWLEDGE, end]).unwrap(),
            "the event [0, 7, 1] was not synced"
        );
        let failed = "8 fdatasync(8</d/event.db>) = -1 EIO (Input/output error)\n";
        assert_eq!(missing(&[OPEN, STORE, failed, COMMIT, ACKNOWLEDGE]).unwrap(), "the event [0, 7, 1] was not synced");
    }

    #[test]
    fn an_acknowledgement_that_is_not_there_is_an_error() {
        let events = ["[0, 7, 1]".to_owned()];
        assert!(read(&[OPEN, STORE, SYNC, COMMIT].concat(), Path::new("/d/event.db"), &events).is_err());
    }
}
