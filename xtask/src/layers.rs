//! `cargo xtask layers`

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{Result, process};

pub(crate) const HELP: &str = "\
checks that each crate uses those that docs/src/architecture.md says, and no others

usage: cargo xtask layers

The table of layers on that page names every crate and the crates of this project that it uses, each of which must stand
above it. This command compares the table with `cargo metadata`. Dependencies of tests alone (dev-dependencies) are free.
When both are meant to change, change the table in the same commit.
";

const PAGE: &str = "docs/src/architecture.md";
const PREFIX: &str = "hat-event-";

/// A crate's folder, and the folders of the crates that it uses.
type Layer = (String, BTreeSet<String>);

pub(crate) fn run(args: &[String]) -> Result {
    process::no_args(args)?;
    let table = read_table(&std::fs::read_to_string(process::root().join(PAGE))?)?;
    let metadata = ["metadata", "--format-version", "1", "--no-deps", "--locked"];
    let actual = read_metadata(&serde_json::from_str(&process::output(&mut process::cargo(&metadata))?)?)?;
    let complaints = compare(&table, &actual);
    if complaints.is_empty() {
        println!("{} crates, layered as in {PAGE}", table.len());
        Ok(())
    } else {
        Err(complaints.join("\n").into())
    }
}

/// Reads the table whose first column is headed `crate` and whose last is headed `uses`.
fn read_table(page: &str) -> Result<Vec<Layer>> {
    let cells = |line: &str| -> Vec<String> {
        line.trim().trim_matches('|').split('|').map(|cell| cell.replace('`', "").trim().to_owned()).collect()
    };
    let mut lines = page.lines().skip_while(|line| {
        let cells = cells(line);
        cells.first().is_none_or(|first| first != "crate") || cells.last().is_none_or(|last| last != "uses")
    });
    if lines.next().is_none() {
        return Err(format!("{PAGE} has no table with the columns `crate` … `uses`").into());
    }
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let layers: Vec<Layer> = rows
        .map(|row| {
            let mut cells = cells(row);
            let uses = cells.pop().unwrap_or_default();
            let uses = uses.split(',').map(str::trim).filter(|name| !matches!(*name, "" | "–"));
            (cells.swap_remove(0), uses.map(str::to_owned).collect())
        })
        .collect();
    if layers.is_empty() { Err(format!("the table of layers in {PAGE} is empty").into()) } else { Ok(layers) }
}

/// Reads which crates under `crates/` use which others, from the output of `cargo metadata`.
fn read_metadata(metadata: &Value) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let folder = |name: &Value| name.as_str()?.strip_prefix(PREFIX).map(str::to_owned);
    let mut actual = BTreeMap::new();
    for package in packages {
        let manifest = package["manifest_path"].as_str().unwrap_or_default();
        let Some(place) = manifest.strip_suffix("/Cargo.toml").and_then(|path| path.rsplit_once("/crates/")) else {
            continue;
        };
        if folder(&package["name"]).as_deref() != Some(place.1) {
            return Err(
                format!("package {} in crates/{} is not named {PREFIX}{}", package["name"], place.1, place.1).into()
            );
        }
        let dependencies = package["dependencies"].as_array().ok_or("a package without dependencies")?;
        let used = dependencies.iter().filter(|one| one["kind"] != "dev").filter_map(|one| folder(&one["name"]));
        actual.insert(place.1.to_owned(), used.collect());
    }
    Ok(actual)
}

/// What differs between the table and the truth, a line each.
fn compare(table: &[Layer], actual: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut above = BTreeSet::new();
    for (name, uses) in table {
        for used in uses.iter().filter(|used| !above.contains(*used)) {
            complaints.push(format!("the table lets {name} use {used}, which does not stand above it"));
        }
        match actual.get(name) {
            None => complaints.push(format!("the table has {name}, but there is no crates/{name}")),
            Some(actual) => {
                for used in actual.difference(uses) {
                    complaints.push(format!("{name} uses {used}, which the table does not allow"));
                }
                for unused in uses.difference(actual) {
                    complaints.push(format!("{name} does not use {unused}, although the table says so"));
                }
            }
        }
        above.insert(name.clone());
    }
    for name in actual.keys().filter(|name| !above.contains(*name)) {
        complaints.push(format!("crates/{name} is not in the table"));
    }
    complaints
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TABLE: &str = "\
# A page

| other | table |
|---|---|
| a | b |

| crate | is | uses |
|---|---|---|
| `types` | values | – |
| `codec` | bytes | `types` |
| `cli` | the program | `types`, `codec` |

| crate | more |
";

    fn package(folder: &str, uses: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<_> = uses.iter().map(|(name, kind)| json!({ "name": name, "kind": kind })).collect();
        json!({
            "name": format!("hat-event-{folder}"),
            "manifest_path": format!("/somewhere/crates/{folder}/Cargo.toml"),
            "dependencies": dependencies,
        })
    }

    /// What is wrong when the table is [`TABLE`] and `cli` depends on `uses` besides what it should.
    fn check(uses: &[(&str, Option<&str>)]) -> Vec<String> {
        let mut cli = vec![("hat-event-types", None), ("serde", None)];
        cli.extend(uses);
        let benches = json!({ "name": "hat-event-benches", "manifest_path": "/somewhere/benches/Cargo.toml" });
        let codec = package("codec", &[("hat-event-types", None), ("hat-event-cli", Some("dev"))]);
        let packages = [package("types", &[]), codec, package("cli", &cli), benches];
        compare(&read_table(TABLE).unwrap(), &read_metadata(&json!({ "packages": packages })).unwrap())
    }

    #[test]
    fn the_table_holds() {
        assert!(check(&[("hat-event-codec", None)]).is_empty());
    }

    #[test]
    fn an_edge_too_few_or_too_many_is_named() {
        assert_eq!(check(&[]), ["cli does not use codec, although the table says so"]);
        let more = check(&[("hat-event-codec", Some("build")), ("hat-event-plugin", None)]);
        assert_eq!(more, ["cli uses plugin, which the table does not allow"]);
    }

    #[test]
    fn the_order_of_the_table_counts() {
        let uses = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let table = [("codec".to_owned(), uses(&["types"])), ("types".to_owned(), uses(&[]))];
        let actual = BTreeMap::from(table.clone());
        assert_eq!(compare(&table, &actual), ["the table lets codec use types, which does not stand above it"]);
    }

    #[test]
    fn crates_are_in_both_or_none() {
        let table = [("types".to_owned(), BTreeSet::new())];
        let actual = BTreeMap::from([("codec".to_owned(), BTreeSet::new())]);
        let complaints = compare(&table, &actual);
        assert_eq!(
            complaints,
            ["the table has types, but there is no crates/types", "crates/codec is not in the table"]
        );
    }

    #[test]
    fn a_page_without_the_table_is_an_error() {
        assert!(read_table("# Layers\n").is_err());
        assert!(read_table("| crate | uses |\n|---|---|\n").is_err());
    }

    #[test]
    fn a_package_is_named_after_its_folder() {
        let mut package = package("types", &[]);
        package["name"] = json!("types");
        assert!(read_metadata(&json!({ "packages": [package] })).is_err());
    }
}
