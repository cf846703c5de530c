//! `cargo xtask docs`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::markdown::Page;
use crate::{Result, process, tools};

pub(crate) const HELP: &str = "\
checks and builds the documentation: rustdoc, the book, the links of both

usage: cargo xtask docs

- rustdoc of all crates, warnings as errors (target/doc)
- the pages in docs/src and at the root: every page of the book is in SUMMARY.md, links lead somewhere, a fenced block
  names its language, and a page with Rust code is included by a crate, which tests it
- the book itself, by mdBook, which is built on first use (target/book/index.html)
";

const MDBOOK: &str = "0.5.4";

pub(crate) fn run(args: &[String]) -> Result {
    process::no_args(args)?;
    let doc = ["doc", "--workspace", "--all-features", "--no-deps", "--quiet"];
    process::run(process::cargo(&doc).env("RUSTDOCFLAGS", "-D warnings"))?;
    check_pages(process::root())?;
    let mdbook = tools::path("mdbook", MDBOOK)?;
    process::run(process::program(mdbook).args(["build", "docs", "--dest-dir"]).arg(process::target_dir().join("book")))
}

fn check_pages(root: &Path) -> Result {
    let mut pages = BTreeMap::new();
    read_pages(root, root, false, &mut pages)?;
    read_pages(root, &root.join("docs/src"), true, &mut pages)?;
    let mut code = String::new();
    read_code(&root.join("crates"), &mut code)?;
    let complaints = complaints(&pages, &code, |path| root.join(path).exists());
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
}

/// Reads the pages in `folder`, by path from `root`.
fn read_pages(root: &Path, folder: &Path, deep: bool, pages: &mut BTreeMap<PathBuf, Page>) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && deep {
            read_pages(root, &path, deep, pages)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            let page = Page::read(&std::fs::read_to_string(&path)?);
            pages.insert(path.strip_prefix(root)?.to_owned(), page);
        }
    }
    Ok(())
}

/// Appends the text of all Rust files in `folder` and below.
fn read_code(folder: &Path, code: &mut String) -> Result {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            read_code(&path, code)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            code.push_str(&std::fs::read_to_string(path)?);
        }
    }
    Ok(())
}

/// What is wrong with the pages, a line each. `code` is that of the crates; `exists` tells whether there is a file or
/// folder at a path.
fn complaints(pages: &BTreeMap<PathBuf, Page>, code: &str, exists: impl Fn(&Path) -> bool) -> Vec<String> {
    let book = Path::new("docs/src");
    let summary = book.join("SUMMARY.md");
    let mut complaints = Vec::new();
    let mut listed = Vec::new();
    for (path, page) in pages {
        let mut complain = |line: usize, what: String| complaints.push(format!("{}:{line}: {what}", path.display()));
        for (line, target) in &page.links {
            if target.contains("://") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { path.clone() } else { resolve(path, file) };
            if !exists(&to) {
                complain(*line, format!("there is no {target}"));
            } else if path.starts_with(book) && !to.starts_with(book) {
                complain(*line, format!("{target} is outside of the book: its readers have no such file"));
            } else if !anchor.is_empty() && pages.get(&to).is_some_and(|to| !to.anchors.iter().any(|a| a == anchor)) {
                complain(*line, format!("{} has no heading #{anchor}", to.display()));
            }
            if *path == summary {
                listed.push(to);
            }
        }
        for (line, info) in &page.fences {
            let language = info.split([',', ' ']).next().unwrap_or_default();
            if language.is_empty() {
                complain(*line, "a fenced block without its language (`text` where there is none)".to_owned());
            } else if matches!(language, "rust" | "rs") && !code.contains(&format!("/../{}\")", path.display())) {
                complain(*line, "no crate includes this page to test its code".to_owned());
            }
        }
    }
    for path in pages.keys().filter(|path| path.starts_with(book) && **path != summary && !listed.contains(path)) {
        complaints.push(format!("{}: not in {}", path.display(), summary.display()));
    }
    complaints
}

/// The path that a link to `file` on page `path` leads to.
fn resolve(path: &Path, file: &str) -> PathBuf {
    let mut to = path.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(file) {
        match part.to_str() {
            Some("..") => _ = to.pop(),
            Some(".") => {}
            _ => to.push(part),
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong when the book is a summary that lists `a.md`, and that page holds `text`.
    fn check(text: &str) -> Vec<String> {
        let page = |path: &str, text: &str| (PathBuf::from(path), Page::read(text));
        let pages = BTreeMap::from([
            page("README.md", "# Top"),
            page("docs/src/SUMMARY.md", "- [A](a.md)\n- [B](sub/b.md)"),
            page("docs/src/a.md", text),
            page("docs/src/sub/b.md", "# Some heading\n[a](../a.md)"),
        ]);
        complaints(&pages, "include_str!(\"../../../docs/src/sub/b.md\")", |path| pages.contains_key(path))
    }

    #[test]
    fn good_pages_pass() {
        assert!(check("[b](sub/b.md#some-heading) [web](https://hat-open.com)\n```text\n```").is_empty());
    }

    #[test]
    fn each_fault_is_named() {
        for (text, complaint) in [
            ("\n[b](b.md)", "docs/src/a.md:2: there is no b.md"),
            ("[b](sub/b.md#other)", "docs/src/a.md:1: docs/src/sub/b.md has no heading #other"),
            ("[top](../../README.md)", "docs/src/a.md:1: ../../README.md is outside of the book"),
            ("```\n```", "docs/src/a.md:1: a fenced block without its language"),
            ("```rust,no_run\n```", "docs/src/a.md:1: no crate includes this page"),
        ] {
            let found = check(text);
            assert!(matches!(&found[..], [one] if one.starts_with(complaint)), "{text}: {found:?}");
        }
    }

    #[test]
    fn a_page_that_is_not_listed_is_named() {
        let pages = BTreeMap::from([
            (PathBuf::from("docs/src/SUMMARY.md"), Page::default()),
            (PathBuf::from("docs/src/lost.md"), Page::default()),
        ]);
        assert_eq!(complaints(&pages, "", |_| true), ["docs/src/lost.md: not in docs/src/SUMMARY.md"]);
    }
}
