//! The file: opening it for one process alone, and its named databases.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use heed::types::Bytes;
use heed::{CommitOrAbort, DatabaseOpener, EnvFlags, EnvOpenOptions, RoTxn, RwTxn, WithoutTls};
use rustix::fs::{FlockOperation, fcntl_lock};

use super::layout::{SETTING_VERSION, Table, VERSION, number_key};
use super::mapping::Mapping;
use super::pages;

pub(super) type Reading<'a> = RoTxn<'a, WithoutTls>;
pub(super) type Database = heed::Database<'static, Bytes, Bytes>;

/// So many read transactions may be open at a time; each needs a place in the lock file.
pub(super) const MAX_READERS: u32 = 126;

/// An open file.
#[derive(Debug)]
pub(super) struct Environment {
    env: heed::Env<WithoutTls>,
    tables: [Database; 9],
    /// Locked as long as this lives, so that no other process of ours opens it.
    _file: File,
}

/// Why a file could not be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error("database {} is in use by another process", .0.display())]
    InUse(PathBuf),
    #[error("database {} is in use by another backend of this process", .0.display())]
    Open(PathBuf),
    #[error("database {} cannot be opened: it is cut off, the end of it is missing", .0.display())]
    Cut(PathBuf),
    #[error(
        "database {}: the database has version {}, not \"{VERSION}\"; the reference's hat-event-lmdb-convert makes a newer one of an older one",
        .0.display(), .1
    )]
    Version(PathBuf, String),
    #[error("database {} cannot be opened: {}", .0.display(), hint(.1))]
    Io(PathBuf, io::Error),
    #[error("database {} cannot be opened: {}", .0.display(), reason(.1))]
    Lmdb(PathBuf, heed::Error),
}

/// The version of a file that is not of ours: as it says, or as the names of its databases tell.
fn other_version<'e>(
    opener: &DatabaseOpener<'e, WithoutTls>,
    writing: &mut RwTxn<'e>,
) -> Result<Option<String>, heed::Error> {
    let [settings, ..] = Table::NAMES;
    let mut names = Vec::new();
    for entry in opener.create_database::<Bytes, Bytes>(writing, None)?.iter(writing)? {
        names.push(String::from_utf8_lossy(entry?.0).into_owned());
    }
    if !names.iter().any(|name| name == settings) {
        let is_there = |name: &str| names.iter().any(|found| found == name);
        let version = if is_there("ORDERED_DATA") {
            "\"0.7\"".to_owned()
        } else if is_there("ordered_data") {
            "\"0.6\"".to_owned()
        } else {
            format!("none (it has {})", names.join(", "))
        };
        return Ok(Some(version).filter(|_| !names.is_empty()));
    }
    let settings = opener.create_database::<Bytes, Bytes>(writing, Some(settings))?;
    let version = settings.get(writing, &number_key(SETTING_VERSION))?.map(String::from_utf8_lossy);
    Ok(version.filter(|version| **version != format!("\"{VERSION}\"")).map(|version| version.into_owned()))
}

fn hint(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => format!("{error}; its folder has to be there"),
        io::ErrorKind::IsADirectory => format!("{error}; it has to be a file"),
        _ => error.to_string(),
    }
}

fn reason(error: &heed::Error) -> String {
    use heed::MdbError::{Corrupted, Invalid, VersionMismatch};
    match error {
        heed::Error::Mdb(Invalid) => "it is no LMDB file".to_owned(),
        heed::Error::Mdb(VersionMismatch) => "it was written by another version of LMDB".to_owned(),
        heed::Error::Mdb(Corrupted) => "it is damaged".to_owned(),
        _ => error.to_string(),
    }
}

impl Environment {
    /// Opens a file, or makes one. It may grow up to `max_size` bytes.
    pub(super) fn open(path: &Path, max_size: usize) -> Result<Self, OpenError> {
        let at = || path.to_owned();
        let io_error = |error| OpenError::Io(at(), error);
        let file = File::options().read(true).write(true).create(true).truncate(false).open(path).map_err(io_error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OpenError::InUse(at())),
            Err(TryLockError::Error(error)) => return Err(io_error(error)),
        }
        check_unused(path)?;
        if !pages::are_complete(&file).map_err(io_error)? {
            return Err(OpenError::Cut(at()));
        }

        let lmdb_error = |error| match error {
            heed::Error::EnvAlreadyOpened => OpenError::Open(at()),
            heed::Error::Io(error) => OpenError::Io(at(), error),
            error => OpenError::Lmdb(at(), error),
        };
        let env = open_env(path, max_size).map_err(lmdb_error)?;
        // Those of a process that was killed keep pages from being used again.
        env.clear_stale_readers().map_err(lmdb_error)?;
        let writing = env.write_txn().map_err(lmdb_error)?;
        let created = env.create_databases_and_commit(writing, |opener, writing| {
            // Before anything of ours is put into it.
            if let Some(other) = other_version(opener, writing)? {
                return Ok(CommitOrAbort::Abort(other));
            }
            let mut tables = Vec::with_capacity(Table::NAMES.len());
            for name in Table::NAMES {
                tables.push(opener.create_database::<Bytes, Bytes>(writing, Some(name))?);
            }
            let tables: [_; 9] = tables.try_into().unwrap_or_else(|_| unreachable!("one for each name"));
            Ok(CommitOrAbort::Commit(tables))
        });
        let tables = match created.map_err(lmdb_error)? {
            CommitOrAbort::Commit(tables) => tables,
            CommitOrAbort::Abort(version) => return Err(OpenError::Version(at(), version)),
        };
        Ok(Self { env, tables, _file: file })
    }

    pub(super) fn table(&self, table: Table) -> Database {
        let [
            settings,
            last_event_ids,
            last_timestamps,
            refs,
            latest_events,
            latest_types,
            timeseries,
            partitions,
            partition_counts,
        ] = self.tables;
        match table {
            Table::Settings => settings,
            Table::LastEventId => last_event_ids,
            Table::LastTimestamp => last_timestamps,
            Table::Refs => refs,
            Table::LatestEvents => latest_events,
            Table::LatestTypes => latest_types,
            Table::Timeseries => timeseries,
            Table::Partitions => partitions,
            Table::PartitionCounts => partition_counts,
        }
    }

    pub(super) fn read(&self) -> Result<Reading<'static>, heed::Error> {
        self.env.clone().static_read_txn()
    }

    pub(super) fn write(&self) -> Result<RwTxn<'_>, heed::Error> {
        self.env.write_txn()
    }

    /// The number of the last transaction that changed something, whoever made it.
    pub(super) fn last_transaction(&self) -> usize {
        self.env.info().last_txn_id
    }

    /// Where the file is in memory, if it has settings and the system tells.
    pub(super) fn mapping(&self) -> Option<Mapping> {
        let reading = self.read().ok()?;
        let (key, _) = self.table(Table::Settings).first(&reading).ok()??;
        Mapping::around(key.first()?)
    }

    /// Waits until the file is closed, which takes as long as others read.
    pub(super) fn close(self) {
        let Self { env, tables: _, _file: file } = self;
        env.prepare_for_closing().wait();
        drop(file);
    }
}

/// Whether no other process has the file open. Python's server takes no lock that would tell, but LMDB itself holds one
/// on its lock file.
fn check_unused(path: &Path) -> Result<(), OpenError> {
    let mut lock_path = path.as_os_str().to_owned();
    lock_path.push("-lock");
    let lock_file = match File::options().read(true).write(true).open(&lock_path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(OpenError::Io(lock_path.into(), error)),
    };
    // It is given back when the file is closed, here.
    fcntl_lock(&lock_file, FlockOperation::NonBlockingLockExclusive).map_err(|_| OpenError::InUse(path.to_owned()))
}

#[expect(unsafe_code, reason = "LMDB maps the file into memory, so opening it is safe only under conditions")]
fn open_env(path: &Path, max_size: usize) -> Result<heed::Env<WithoutTls>, heed::Error> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(max_size).max_dbs(Table::NAMES.len() as u32).max_readers(MAX_READERS);
    // SAFETY: the flag only says that the path is that of a file, not of a folder. It changes nothing about how the file is
    // locked or written.
    unsafe { options.flags(EnvFlags::NO_SUB_DIR) };
    // SAFETY: the file must not be changed behind LMDB's back while it is mapped, nor its lock file broken. It is locked
    // against other processes of ours, `check_unused` was asked about those that use LMDB, and whatever uses LMDB later
    // keeps to its locks. Who writes into the file without LMDB damages it for every program that reads it, as with the
    // reference.
    unsafe { options.open(path) }
}
