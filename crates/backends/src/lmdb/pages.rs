//! Whether a file has all of its pages. LMDB maps it into memory, and a process that reads behind the end is ended by the system.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// What a page begins with, in bytes.
const HEADER: usize = 16;
/// How much of a meta page is looked at.
const META: usize = HEADER + 136;
const MAGIC: u32 = 0xBEEF_C0DE;
/// The root of an empty tree.
const NONE: u64 = u64::MAX;

const BRANCH: u16 = 1;
const LEAF: u16 = 2;
/// The value of a node is on pages of its own.
const LARGE_VALUE: u16 = 1;
/// The value of a node is a named database.
const DATABASE: u16 = 2;

/// Whether all pages are there that the last transaction can reach. What is no LMDB file at all is left for LMDB to refuse.
///
/// The file may be shorter than its last page, when the last ones are free; only then all are looked at.
///
/// # Errors
///
/// If it cannot be read.
pub(super) fn are_complete(file: &File) -> io::Result<bool> {
    if cfg!(not(all(target_pointer_width = "64", target_endian = "little"))) {
        // Pages look different.
        return Ok(true);
    }
    let len = file.metadata()?.len();
    let Some(first) = read_meta(file, len, 0)? else { return Ok(true) };
    let Some(second) = read_meta(file, len, first.page_size)? else { return Ok(true) };
    let meta = if second.transaction > first.transaction { second } else { first };
    let tree = Tree { file, page_size: meta.page_size, pages: len / meta.page_size };
    if meta.last_page < tree.pages { Ok(true) } else { tree.is_complete(meta.roots) }
}

struct Meta {
    page_size: u64,
    roots: [u64; 2],
    last_page: u64,
    transaction: u64,
}

fn read_meta(file: &File, len: u64, offset: u64) -> io::Result<Option<Meta>> {
    if len < offset + META as u64 {
        return Ok(None);
    }
    let mut bytes = [0; META];
    read_at(file, offset, &mut bytes)?;
    let number = |at| u64_at(&bytes, at).unwrap_or_default();
    let page_size = u32_at(&bytes, 40).unwrap_or_default();
    let is_meta = u32_at(&bytes, HEADER) == Some(MAGIC) && page_size.is_power_of_two() && page_size >= 512;
    let meta = Meta {
        page_size: page_size.into(),
        roots: [number(80), number(128)],
        last_page: number(136),
        transaction: number(144),
    };
    Ok(is_meta.then_some(meta))
}

struct Tree<'a> {
    file: &'a File,
    page_size: u64,
    /// How many the file has.
    pages: u64,
}

impl Tree<'_> {
    fn is_complete(&self, roots: [u64; 2]) -> io::Result<bool> {
        let mut waiting = roots.to_vec();
        let mut page = vec![0; self.page_size as usize];
        // Each page is reached once; more of them are a circle.
        for _ in 0..=self.pages {
            let Some(number) = waiting.pop() else { return Ok(true) };
            if number == NONE {
                continue;
            }
            if number >= self.pages {
                return Ok(false);
            }
            read_at(self.file, number * self.page_size, &mut page)?;
            if self.references(&page, &mut waiting).is_none() {
                return Ok(false);
            }
        }
        Ok(waiting.iter().all(|number| *number == NONE))
    }

    /// Adds the pages that a page leads to; `None` if it has not the form of one, or pages of a value are missing.
    fn references(&self, page: &[u8], out: &mut Vec<u64>) -> Option<()> {
        let kind = u16_at(page, 10)? & (BRANCH | LEAF);
        let nodes = usize::from(u16_at(page, 12)?).checked_sub(HEADER)? / 2;
        for node in 0..nodes {
            let at = usize::from(u16_at(page, HEADER + 2 * node)?);
            let low = u64::from(u32_at(page, at)?);
            let flags = u16_at(page, at + 4)?;
            let value = at + 8 + usize::from(u16_at(page, at + 6)?);
            match kind {
                BRANCH => out.push(low | u64::from(flags) << 32),
                LEAF if flags & LARGE_VALUE != 0 => {
                    let count = (HEADER as u64 - 1 + low) / self.page_size + 1;
                    u64_at(page, value)?.checked_add(count).filter(|end| *end <= self.pages)?;
                }
                LEAF if flags & DATABASE != 0 => out.push(u64_at(page, value + 40)?),
                LEAF => {}
                _ => return None,
            }
        }
        Some(())
    }
}

fn read_at(mut file: &File, offset: u64, out: &mut [u8]) -> io::Result<()> {
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(out)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}
