//! `cargo xtask counts`
//!
//! gungraun, formerly iai-callgrind, counts the instructions of any benchmark. It keeps the counts under target, where no
//! other machine finds them, and needs a program of exactly its own version to be built first, from about 180 packages.
//! What it would do for this command is to start callgrind and to read one line of the output.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{Result, process};

pub(crate) const HELP: &str = "\
counts the instructions of the hottest operations, and compares them with what is committed

usage: cargo xtask counts
       cargo xtask counts --check
       cargo xtask counts --update

The operations are those of benches/counts, and what is committed is benches/counts/baseline.txt: instructions an
operation. With --check it fails if one grew by more than 10 %, or if the file has not the same operations. If that is
meant, --update writes the file; commit it with the change that is the reason. What moved by less than 1 % is left as it
is, so that only what changed is in the diff.

They are counted by valgrind, which has to be installed. Its files in target/counts tell where the instructions are:

  callgrind_annotate target/counts/codec-encode-event.out
";

const BASELINE: &str = "benches/counts/baseline.txt";
const HEAD: &str = "# Instructions an operation on x86-64, as `cargo xtask counts --update` writes them.\n";

/// What grew by more percent fails the check.
const LIMIT: f64 = 10.0;

/// What moved by fewer percent did so by chance: hashes are seeded at random.
const NOISE: f64 = 1.0;

/// The function in which instructions are counted, plain or mangled.
const COUNTED: &str = "*hat_event_counts*counted*";

/// The C library takes those of its functions, for example to copy memory, that any x86-64 has: otherwise it asks the
/// processor, and counts would be those of one kind of machine.
const TUNABLES: &str = "glibc.cpu.hwcaps=\
-AVX512VL,-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-SSE4_2,-SSE4_1,-SSSE3,-ERMS,-FSRM";

/// Instructions an operation, by the operation's name.
type Counts = BTreeMap<String, f64>;

pub(crate) fn run(args: &[String]) -> Result {
    let mode = match args {
        [] => "",
        [flag] if flag == "--check" || flag == "--update" => flag,
        _ => return Err("usage: cargo xtask counts [--check | --update]".into()),
    };
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("the counts are those of Linux on x86-64".into());
    }
    let path = process::root().join(BASELINE);
    let committed = if path.exists() { read(&fs::read_to_string(&path)?)? } else { Counts::new() };
    let now = count()?;
    print!("{}", table(&now, &committed));
    match mode {
        "--update" => fs::write(&path, text(&updated(&now, &committed)))?,
        "--check" => check(&now, &committed)?,
        _ => {}
    }
    Ok(())
}

/// Runs every operation under callgrind.
fn count() -> Result<Counts> {
    let version = process::output(process::program("valgrind").arg("--version"))
        .map_err(|error| format!("{error}\nvalgrind counts the instructions; on Debian: apt-get install valgrind"))?;
    eprintln!("building the operations, to count them with {}", version.trim());
    let program = build()?;
    let folder = process::target_dir().join("counts");
    fs::create_dir_all(&folder)?;
    let names = process::output(&mut process::program(&program))?;
    names.lines().map(|name| Ok((name.to_owned(), count_one(&program, name, &folder)?))).collect()
}

/// Builds the operations, with the options of the benchmarks, and returns the program.
fn build() -> Result<PathBuf> {
    let build = ["build", "--package", "hat-event-counts", "--profile", "bench"];
    let messages = process::output(process::cargo(&build).args(["--message-format", "json-render-diagnostics"]))?;
    let program = |line: &str| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    messages.lines().find_map(program).ok_or_else(|| "cargo built no program".into())
}

fn count_one(program: &Path, name: &str, folder: &Path) -> Result<f64> {
    let file = folder.join(format!("{}.out", name.replace('/', "-")));
    let mut valgrind = process::program("valgrind");
    valgrind.args(["--quiet", "--tool=callgrind", "--collect-atstart=no"]);
    valgrind.arg(format!("--toggle-collect={COUNTED}")).arg(format!("--callgrind-out-file={}", file.display()));
    valgrind.arg(program).arg(name).env("GLIBC_TUNABLES", TUNABLES);
    let operations: u32 = process::output(&mut valgrind)?.trim().parse()?;
    let instructions = instructions(&fs::read_to_string(&file)?).map_err(|error| format!("{name}: {error}"))?;
    Ok(instructions as f64 / f64::from(operations))
}

/// The instructions in a file of callgrind.
fn instructions(file: &str) -> Result<u64> {
    let value = |key: &str| file.lines().find_map(|line| line.strip_prefix(key)).map(str::trim);
    if value("events:") != Some("Ir") {
        return Err("callgrind counted other events than instructions".into());
    }
    match value("totals:").ok_or("callgrind wrote no total")?.parse()? {
        0 => Err(format!("callgrind counted nothing: is there still a function {COUNTED}?").into()),
        instructions => Ok(instructions),
    }
}

/// Reads the committed file.
fn read(text: &str) -> Result<Counts> {
    let mut counts = Counts::new();
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let count = words.get(1).and_then(|count| count.parse::<f64>().ok());
        match (&words[..], count) {
            ([name, _], Some(count))
                if count > 0.0 && count.is_finite() && counts.insert((*name).into(), count).is_none() => {}
            _ => return Err(format!("{BASELINE}:{}: expected a new name and a count, not {line:?}", i + 1).into()),
        }
    }
    Ok(counts)
}

/// The text of the committed file.
fn text(counts: &Counts) -> String {
    counts.iter().fold(HEAD.to_owned(), |text, (name, count)| text + &format!("{name:<40}{count:>12.1}\n"))
}

/// What is to be committed: counts of now, but those that moved by chance alone.
fn updated(now: &Counts, committed: &Counts) -> Counts {
    let keep = |name: &String, now: f64| match committed.get(name) {
        Some(&old) if change(now, old).abs() < NOISE => old,
        _ => now,
    };
    now.iter().map(|(name, &now)| (name.clone(), keep(name, now))).collect()
}

/// By how many percent it changed.
fn change(now: f64, committed: f64) -> f64 {
    (now / committed - 1.0) * 100.0
}

fn table(now: &Counts, committed: &Counts) -> String {
    let row = |name, [now, committed, change]: [&str; 3]| format!("{name:<40}{now:>12}{committed:>12}{change:>10}\n");
    let cell = |count: Option<&f64>| count.map_or("–".into(), |count| format!("{count:.1}"));
    let mut table = row("operation", ["now", "committed", "change"]);
    for name in now.keys().chain(committed.keys()).collect::<BTreeSet<_>>() {
        let (now, committed) = (now.get(name), committed.get(name));
        let change = now.zip(committed).map_or("–".into(), |(now, old)| format!("{:+.1} %", change(*now, *old)));
        table += &row(name, [&cell(now), &cell(committed), &change]);
    }
    table
}

/// An error if something grew, or if not the same operations are in both. Tells what fell.
fn check(now: &Counts, committed: &Counts) -> Result {
    let (faults, fallen) = compare(now, committed);
    for name in fallen {
        println!("{name} fell by more than {LIMIT} %: --update would lower its baseline");
    }
    if faults.is_empty() {
        println!("{} operations, none of which grew by more than {LIMIT} %", now.len());
        return Ok(());
    }
    let faults = faults.join("\n");
    Err(format!("{faults}\nif that is meant, run `cargo xtask counts --update` and commit {BASELINE}").into())
}

/// What is wrong, and the names of what fell.
fn compare<'a>(now: &'a Counts, committed: &Counts) -> (Vec<String>, Vec<&'a str>) {
    let (mut faults, mut fallen) = (Vec::new(), Vec::new());
    for (name, &count) in now {
        match committed.get(name).map(|&old| change(count, old)) {
            None => faults.push(format!("{name} is not in the baseline")),
            Some(change) if change > LIMIT => faults.push(format!("{name} grew by {change:.1} %")),
            Some(change) if change < -LIMIT => fallen.push(&**name),
            Some(_) => {}
        }
    }
    let gone = committed.keys().filter(|name| !now.contains_key(*name));
    faults.extend(gone.map(|name| format!("{name} is in the baseline, but is no operation")));
    (faults, fallen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(counts: &[(&str, f64)]) -> Counts {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
    }

    #[test]
    fn instructions_are_the_total_of_callgrind() {
        let file = "# callgrind format\nversion: 1\npositions: line\nevents: Ir\n\nfn=(1) a\n5 120\n\ntotals: 120\n";
        assert_eq!(instructions(file).unwrap(), 120);
        for (from, to, fault) in [
            ("totals: 120", "totals: 0", "counted nothing"),
            ("totals: 120\n", "", "no total"),
            ("totals: 120", "totals: many", "invalid digit"),
            ("events: Ir", "events: Ir Dr", "other events"),
        ] {
            let error = instructions(&file.replace(from, to)).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let counts = counts(&[("codec/encode", 497.4), ("a/long/name", 3_763_688.0), ("b", 0.5)]);
        let text = text(&counts);
        assert_eq!(read(&text).unwrap(), counts);
        assert!(text.lines().skip(1).is_sorted());
    }

    #[test]
    fn a_line_that_is_no_count_is_refused() {
        for text in ["a", "a b", "a 1 2", "a 0", "a -1", "a NaN", " 1", "", "a 1\na 1", "# head\n\na 1"] {
            assert!(read(&format!("{HEAD}{text}\n")).is_err(), "{text:?}");
        }
    }

    #[test]
    fn growth_and_what_is_on_one_side_only_are_faults() {
        let committed = counts(&[("fell", 100.0), ("gone", 100.0), ("grew", 100.0), ("same", 100.0)]);
        let now = counts(&[("fell", 89.9), ("grew", 110.1), ("new", 100.0), ("same", 109.9)]);
        let (faults, fallen) = compare(&now, &committed);
        let expected =
            ["grew grew by 10.1 %", "new is not in the baseline", "gone is in the baseline, but is no operation"];
        assert_eq!(faults, expected);
        assert_eq!(fallen, ["fell"]);
        assert!(check(&now, &committed).is_err());
        assert!(check(&now, &Counts::new()).is_err());
        check(&now, &now).unwrap();
    }

    #[test]
    fn an_update_leaves_what_moved_by_chance() {
        let committed = counts(&[("gone", 100.0), ("grew", 100.0), ("same", 100.0)]);
        let now = counts(&[("grew", 101.1), ("new", 100.0), ("same", 100.9)]);
        assert_eq!(updated(&now, &committed), counts(&[("grew", 101.1), ("new", 100.0), ("same", 100.0)]));
    }
}
