//! How much of the file stands in memory.

use std::time::{Duration, Instant};
use std::{fs, io};

/// So many bytes of files may come into memory before those of the database are given back.
const MAX_RESIDENT: u64 = 32 << 20;
/// How often it is asked how many there are.
const PERIOD: Duration = Duration::from_millis(100);

/// Where the file is mapped.
///
/// Each page of it that LMDB looks at counts as memory of the process until the kernel needs the room, so that a server that writes
/// all the time seems to grow as long as its file does.
#[derive(Debug)]
pub(super) struct Mapping {
    begin: usize,
    len: usize,
    /// When it was asked last how many bytes of files are in memory, and how many may be.
    asked: Instant,
    most: u64,
}

impl Mapping {
    /// The mapping that a byte stands in; `None` where the system does not tell.
    pub(super) fn around(byte: &u8) -> Option<Self> {
        let address = std::ptr::from_ref(byte) as usize;
        let maps = fs::read_to_string("/proc/self/maps").ok()?;
        let ranges = maps.lines().filter_map(|line| {
            let (begin, end) = line.split_once(' ')?.0.split_once('-')?;
            Some((usize::from_str_radix(begin, 16).ok()?, usize::from_str_radix(end, 16).ok()?))
        });
        let (begin, end) = ranges.into_iter().find(|(begin, end)| (*begin..*end).contains(&address))?;
        Some(Self { begin, len: end - begin, asked: Instant::now(), most: MAX_RESIDENT })
    }

    /// Gives memory back if the process has much of files, but does not ask for it each time.
    pub(super) fn trim(&mut self, now: Instant) {
        if now.saturating_duration_since(self.asked) < PERIOD {
            return;
        }
        self.asked = now;
        if resident().is_none_or(|bytes| bytes <= self.most) {
            return;
        }
        self.most = match self.give_back() {
            // What is left is of other files, or in use again.
            Ok(()) => resident().unwrap_or_default().saturating_add(MAX_RESIDENT),
            Err(error) => {
                tracing::debug!("memory of the database's mapping cannot be given back: {error}");
                u64::MAX
            }
        };
    }

    #[cfg(target_os = "linux")]
    #[expect(unsafe_code, reason = "advice on memory that others use could take their data from them")]
    fn give_back(&self) -> io::Result<()> {
        use rustix::mm::{Advice, madvise};
        // SAFETY: the pages are those of a file, mapped to be read and shared: who looks at one again gets it from the file. LMDB
        // does not write through it (`EnvFlags::WRITE_MAP` is not used), and unmaps it only when the environment is closed, for which
        // the thread that calls this has ended.
        unsafe { madvise(self.begin as *mut _, self.len, Advice::LinuxDontNeed) }?;
        Ok(())
    }

    /// Elsewhere no mapping is found.
    #[cfg(not(target_os = "linux"))]
    fn give_back(&self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes of files that the process has in memory; those of files that are themselves in memory count as shared.
fn resident() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let kib = |name| -> Option<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix(" kB")?.parse().ok()
    };
    Some((kib("RssFile:")? + kib("RssShmem:")?) << 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lmdb::environment::Environment;
    use crate::lmdb::layout::Table;

    /// KiB of the mapping that are in memory.
    fn resident_in(mapping: &Mapping) -> u64 {
        let maps = fs::read_to_string("/proc/self/smaps").unwrap();
        let first = format!("{:x}-{:x} ", mapping.begin, mapping.begin + mapping.len);
        let lines = maps.lines().skip_while(|line| !line.starts_with(&first));
        let rss = lines.into_iter().find_map(|line| line.strip_prefix("Rss:")).unwrap();
        rss.trim().trim_end_matches(" kB").parse().unwrap()
    }

    #[test]
    fn what_was_looked_at_is_given_back_and_can_be_looked_at_again() {
        let folder = tempfile::tempdir().unwrap();
        let environment = Environment::open(&folder.path().join("db"), 1 << 30).unwrap();
        let table = environment.table(Table::Timeseries);
        let value = [7; 1 << 16];
        let mut writing = environment.write().unwrap();
        environment.table(Table::Settings).put(&mut writing, &[0], &[]).unwrap();
        for key in 0..MAX_RESIDENT >> 15 {
            table.put(&mut writing, &key.to_be_bytes(), &value).unwrap();
        }
        writing.commit().unwrap();
        let reading = environment.read().unwrap();
        let sum =
            || table.iter(&reading).unwrap().flat_map(|entry| entry.unwrap().1).map(|byte| u64::from(*byte)).sum();
        let before: u64 = sum();
        let mut mapping = environment.mapping().unwrap();
        assert!(resident_in(&mapping) > MAX_RESIDENT >> 10);
        mapping.trim(mapping.asked + PERIOD / 2);
        assert!(resident_in(&mapping) > MAX_RESIDENT >> 10, "not asked yet");
        mapping.trim(mapping.asked + PERIOD);
        assert!(resident_in(&mapping) < 1 << 10);
        assert_eq!(sum(), before);
        // Files of which the process has much anyway are not counted again and again.
        assert!(mapping.most >= MAX_RESIDENT && mapping.most < u64::MAX);
    }
}
