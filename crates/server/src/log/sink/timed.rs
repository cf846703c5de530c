use std::fs;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::file::FileSink;
use super::lost::Lost;
use super::rotating::{is_special, rename, with_suffix};
use crate::log::conf::{FileConf, When};
use crate::log::error::LogError;
use crate::log::local::{Fields, Zone};
use crate::log::strftime::strftime;

const DAY: i64 = 86_400;

/// A file that is renamed when the time has come, with the names that Python gives: those of when its lines begin.
#[derive(Debug)]
pub(in crate::log) struct Timed {
    pub(super) file: FileSink,
    when: When,
    /// In seconds.
    interval: i64,
    backups: u32,
    zone: Zone,
    /// In seconds since 1970.
    next: i64,
}

impl Timed {
    pub(super) fn new(
        lost: Lost,
        conf: &FileConf,
        when: When,
        interval: i64,
        backups: u32,
        zone: Zone,
    ) -> Result<Self, LogError> {
        let file = FileSink::open(lost, conf)?;
        let changed =
            fs::metadata(&conf.path).and_then(|metadata| metadata.modified()).unwrap_or_else(|_| SystemTime::now());
        let changed = changed.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut timed = Self { file, when, interval, backups, zone, next: 0 };
        timed.next = timed.after(seconds(changed));
        Ok(timed)
    }

    pub(super) fn write(&mut self, now: Duration, line: &str) {
        let now = seconds(now);
        if now >= self.next {
            if is_special(&self.file.conf.path) {
                self.next = self.after(now);
            } else {
                self.rotate(now);
            }
        }
        self.file.write(line);
    }

    /// When the file is renamed, if it begins now.
    fn after(&self, now: i64) -> i64 {
        if !self.is_daily() {
            return now.saturating_add(self.interval);
        }
        let at = self.fields(now);
        let since_midnight = i64::from((at.hour * 60 + at.minute) * 60 + at.second);
        let next = now + DAY - since_midnight;
        let When::Weekday(day) = self.when else { return next };
        // From 0 for Monday, as C begins on Sunday.
        let today = (at.weekday + 6) % 7;
        match (i64::from(day) - i64::from(today)).rem_euclid(7) {
            0 => next,
            days => self.as_clocks(next + days * DAY, at.dst),
        }
    }

    fn is_daily(&self) -> bool {
        matches!(self.when, When::Midnight | When::Weekday(_))
    }

    /// The same time of day, if clocks are changed until then.
    fn as_clocks(&self, then: i64, dst: bool) -> i64 {
        match (dst, self.fields(then).dst) {
            (false, true) => then - 3600,
            (true, false) => then + 3600,
            _ => then,
        }
    }

    fn rotate(&mut self, now: i64) {
        self.file.close();
        let begin = self.next - self.interval;
        let now_dst = self.fields(now).dst;
        let begin = match (now_dst, self.fields(begin).dst) {
            (true, false) => begin + 3600,
            (false, true) => begin - 3600,
            _ => begin,
        };
        let mut suffix = String::new();
        strftime(self.suffix(), &self.fields(begin), &mut suffix);
        let path = self.file.conf.path.clone();
        if let Err(error) = rename(&path, &with_suffix(&path, &suffix)) {
            self.file.lost.tell(format_args!("cannot rename {}: {error}", path.display()));
        }
        for old in self.too_old() {
            if let Err(error) = fs::remove_file(&old) {
                self.file.lost.tell(format_args!("cannot remove {}: {error}", old.display()));
            }
        }
        self.file.reopen_unless_delayed();
        let mut next = self.after(now);
        if self.is_daily() {
            next = self.as_clocks(next, now_dst);
        }
        self.next = next;
    }

    fn suffix(&self) -> &'static str {
        match self.when {
            When::Second => "%Y-%m-%d_%H-%M-%S",
            When::Minute => "%Y-%m-%d_%H-%M",
            When::Hour => "%Y-%m-%d_%H",
            When::Day | When::Midnight | When::Weekday(_) => "%Y-%m-%d",
        }
    }

    /// What was renamed before, and is more than is to be kept.
    fn too_old(&self) -> Vec<PathBuf> {
        let path = &self.file.conf.path;
        let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
            return Vec::new();
        };
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut found: Vec<_> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|other| self.is_of(name, other))
            .collect();
        found.sort();
        let keep = self.backups as usize;
        let old = if keep == 0 { 0 } else { found.len().saturating_sub(keep) };
        found.into_iter().take(old).map(|name| folder.join(name)).collect()
    }

    /// Whether a file was renamed from this one.
    fn is_of(&self, name: &str, other: &str) -> bool {
        let mut shape = String::new();
        strftime(self.suffix(), &self.fields(0), &mut shape);
        let fits = |part: &str| {
            part.len() == shape.len()
                && part.bytes().zip(shape.bytes()).all(|(a, b)| a == b || a.is_ascii_digit() && b.is_ascii_digit())
        };
        other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.') && rest.split('.').any(fits))
    }

    fn fields(&self, at: i64) -> Fields {
        self.zone.fields(Duration::from_secs(u64::try_from(at).unwrap_or(0)))
    }
}

fn seconds(since_1970: Duration) -> i64 {
    i64::try_from(since_1970.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::conf::Mode;

    fn timed(folder: &std::path::Path, when: When, interval: i64, backups: u32, zone: Zone) -> Timed {
        let conf = FileConf { path: folder.join("a.log"), mode: Mode::Append, delay: false };
        Timed::new(Lost::new("h"), &conf, when, interval, backups, zone).unwrap()
    }

    /// What Python's `computeRollover` answers with `TZ=CET-1CEST,M3.5.0,M10.5.0/3`.
    #[test]
    fn the_time_to_rename_is_that_of_python() {
        let folder = crate::log::tests::folder();
        for (when, now, next) in [
            (When::Midnight, 2000000000, 2000066400),
            (When::Midnight, 1774700000, 1774738800),
            (When::Midnight, 1774735200, 1774738800),
            (When::Midnight, 1792800000, 1792879200),
            (When::Midnight, 1792886400, 1792965600),
            (When::Midnight, 1792900000, 1792969200),
            (When::Weekday(0), 2000000000, 2000498400),
            (When::Weekday(0), 1774700000, 1774908000),
            (When::Weekday(0), 1774735200, 1774908000),
            (When::Weekday(0), 1792800000, 1793055600),
            (When::Weekday(0), 1792886400, 1793055600),
            (When::Weekday(0), 1792900000, 1793055600),
            (When::Weekday(3), 2000000000, 2000152800),
            (When::Weekday(3), 1774700000, 1775167200),
            (When::Weekday(3), 1774735200, 1775167200),
            (When::Weekday(3), 1792800000, 1793314800),
            (When::Weekday(3), 1792886400, 1793314800),
            (When::Weekday(3), 1792900000, 1793314800),
            (When::Weekday(6), 2000000000, 2000412000),
            (When::Weekday(6), 1774700000, 1774821600),
            (When::Weekday(6), 1774735200, 1774821600),
            (When::Weekday(6), 1792800000, 1792969200),
            (When::Weekday(6), 1792886400, 1792965600),
            (When::Weekday(6), 1792900000, 1792969200),
            (When::Day, 2000000000, 2000000060),
            (When::Day, 1774700000, 1774700060),
            (When::Day, 1774735200, 1774735260),
            (When::Day, 1792800000, 1792800060),
            (When::Day, 1792886400, 1792886460),
            (When::Day, 1792900000, 1792900060),
            (When::Second, 2000000000, 2000000060),
            (When::Second, 1774700000, 1774700060),
            (When::Second, 1774735200, 1774735260),
            (When::Second, 1792800000, 1792800060),
            (When::Second, 1792886400, 1792886460),
            (When::Second, 1792900000, 1792900060),
        ] {
            let zone = Zone::posix("CET-1CEST,M3.5.0,M10.5.0/3");
            assert_eq!(timed(folder.path(), when, 60, 0, zone).after(now), next, "{when:?} {now}");
        }
    }

    #[test]
    fn files_are_named_after_their_beginning_and_the_oldest_go() {
        let folder = crate::log::tests::folder();
        let mut timed = timed(folder.path(), When::Minute, 60, 2, Zone::utc());
        // 2033-05-18 03:33:20
        let start = 2_000_000_000;
        timed.next = start + 60;
        for (second, line) in [(0, "a"), (59, "b"), (60, "c"), (125, "d"), (500, "e"), (505, "f")] {
            timed.write(Duration::from_secs(start as u64 + second), line);
        }
        timed.file.flush();
        let mut files: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
            .collect();
        files.sort();
        let files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(files, [("a.log", "e\nf\n"), ("a.log.2033-05-18_03-34", "c\n"), ("a.log.2033-05-18_03-35", "d\n")]);
    }
}
