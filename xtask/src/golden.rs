//! `cargo xtask golden`

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Result, process, venv};

pub(crate) const HELP: &str = "\
writes the golden vectors: what the Python package answers to chosen input

usage: cargo xtask golden
       cargo xtask golden --check

The vectors are the files tests/golden/*.jsonl of the crates backends, codec and subscription; the tests beside them read
them. Those of backends tell what is in the databases beside them, which are made anew too. They come from
crates/interop/python/golden.py, which runs in a virtual environment under the target folder that is made when needed. With
--check nothing is written: it fails where the vectors are not what the script writes. The bytes of databases are not
compared, as LMDB leaves in them what there was in memory; cargo xtask interop compares what is in them.
";

/// The crates that have golden vectors.
const CRATES: [&str; 3] = ["backends", "codec", "subscription"];
/// The endings of vectors, and of databases.
const VECTORS: &str = "jsonl";
const DATABASES: &str = "mdb";

pub(crate) fn run(args: &[String]) -> Result {
    let check = match args {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => return Err("usage: cargo xtask golden [--check]".into()),
    };
    let made = process::root().join(process::target_dir()).join("golden");
    if made.exists() {
        fs::remove_dir_all(&made)?;
    }
    let python = venv::NEWEST.python()?;
    process::run(process::program(&python).arg("-B").arg(venv::scripts().join("golden.py")).arg(&made))?;
    for name in CRATES {
        let folder = Path::new(name).join("tests/golden");
        let committed = process::root().join("crates").join(&folder);
        if check { compare(&made.join(&folder), &committed) } else { replace(&made.join(&folder), &committed) }?;
    }
    Ok(())
}

/// Puts the files that were made in the place of all that are there.
fn replace(made: &Path, committed: &Path) -> Result {
    fs::create_dir_all(committed)?;
    for extension in [VECTORS, DATABASES] {
        for name in files(committed, extension)?.difference(&files(made, extension)?) {
            fs::remove_file(committed.join(name))?;
        }
        for name in files(made, extension)? {
            fs::copy(made.join(&name), committed.join(&name))?;
        }
    }
    Ok(())
}

/// An error if the files that were made are not those that are there.
fn compare(made: &Path, committed: &Path) -> Result {
    let hint = "run `cargo xtask golden` and look at what changed";
    let (new, old) = (files(made, VECTORS)?, files(committed, VECTORS)?);
    if let Some(name) = new.symmetric_difference(&old).next() {
        let what = if new.contains(name) { "is missing" } else { "is no longer made" };
        return Err(format!("{} {what}; {hint}", committed.join(name).display()).into());
    }
    for name in new {
        let path = committed.join(&name);
        let (new, old) = (fs::read_to_string(made.join(&name))?, fs::read_to_string(&path)?);
        if let Some(line) = first_difference(&new, &old) {
            return Err(format!("{}:{line} is not what the reference says; {hint}", path.display()).into());
        }
    }
    Ok(())
}

/// The first line, counted from 1, in which two texts differ.
fn first_difference(new: &str, old: &str) -> Option<usize> {
    if new == old {
        return None;
    }
    let same = new.split('\n').zip(old.split('\n')).take_while(|(new, old)| new == old).count();
    Some(same + 1)
}

/// The names of the files of a folder with that extension, none if there is no such folder.
fn files(folder: &Path, wanted: &str) -> Result<BTreeSet<PathBuf>> {
    if !folder.exists() {
        return Ok(BTreeSet::new());
    }
    let names =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().into())).collect::<Result<BTreeSet<PathBuf>>>()?;
    Ok(names.into_iter().filter(|name| name.extension().is_some_and(|extension| extension == wanted)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_differing_line_is_told() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nc\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("a\nb\nc\n", "a\nb\n"), Some(3));
        assert_eq!(first_difference("a", "a\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
    }

    #[test]
    fn stale_vectors_are_found() -> Result {
        let folder = std::env::temp_dir().join(format!("golden-test-{}", std::process::id()));
        let (made, committed) = (folder.join("made"), folder.join("committed"));
        fs::create_dir_all(&made)?;
        fs::write(made.join("a.jsonl"), "1\n")?;
        assert!(compare(&made, &committed).unwrap_err().to_string().contains("a.jsonl is missing"));
        replace(&made, &committed)?;
        compare(&made, &committed)?;
        fs::write(committed.join("a.jsonl"), "1\n2\n")?;
        assert!(compare(&made, &committed).unwrap_err().to_string().contains("a.jsonl:2 is not"));
        fs::write(committed.join("b.jsonl"), "")?;
        assert!(compare(&made, &committed).unwrap_err().to_string().contains("b.jsonl is no longer made"));
        replace(&made, &committed)?;
        compare(&made, &committed)?;
        assert!(!committed.join("b.jsonl").exists());
        Ok(fs::remove_dir_all(folder)?)
    }
}
