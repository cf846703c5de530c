use std::fs::{File, OpenOptions};
use std::io::{self, Write};

use super::lost::Lost;
use crate::log::conf::{FileConf, Mode};
use crate::log::error::LogError;

/// So many bytes of lines are gathered at most.
const GATHERED: usize = 64 << 10;

/// A file that lines are appended to.
#[derive(Debug)]
pub(in crate::log) struct FileSink {
    pub(super) conf: FileConf,
    pub(super) lost: Lost,
    file: Option<File>,
    lines: Vec<u8>,
    count: u64,
}

impl FileSink {
    pub(super) fn open(lost: Lost, conf: &FileConf) -> Result<Self, LogError> {
        let mut sink = Self { conf: conf.clone(), lost, file: None, lines: Vec::new(), count: 0 };
        if !conf.delay {
            sink.reopen().map_err(|error| sink.lost.error(conf.path.display(), error))?;
        }
        Ok(sink)
    }

    pub(super) fn write(&mut self, line: &str) {
        self.lines.extend_from_slice(line.as_bytes());
        self.lines.push(b'\n');
        self.count += 1;
        if self.lines.len() >= GATHERED {
            self.flush();
        }
    }

    pub(super) fn flush(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        match self.try_flush() {
            Ok(()) => self.lost.over(),
            Err(error) => self.lost.count(self.count, &error),
        }
        self.lines.clear();
        self.count = 0;
    }

    /// How long the file is with what is to be written to it.
    pub(super) fn len(&mut self) -> io::Result<u64> {
        if self.file.is_none() {
            self.reopen()?;
        }
        let written = self.file.as_ref().map_or(Ok(0), |file| file.metadata().map(|metadata| metadata.len()))?;
        Ok(written + self.lines.len() as u64)
    }

    /// Writes what is left and closes the file, which is opened again for the next line, or at once unless it is to be delayed.
    pub(super) fn close(&mut self) {
        self.flush();
        self.file = None;
    }

    pub(super) fn reopen_unless_delayed(&mut self) {
        if !self.conf.delay
            && let Err(error) = self.reopen()
        {
            self.lost.count(0, &error);
        }
    }

    fn try_flush(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            self.reopen()?;
        }
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(&self.lines))
    }

    fn reopen(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        match self.conf.mode {
            Mode::Append => options.append(true).create(true),
            Mode::Truncate => options.write(true).create(true).truncate(true),
            Mode::CreateNew => options.write(true).create_new(true),
        };
        self.file = Some(options.open(&self.conf.path)?);
        Ok(())
    }
}
