//! `cargo xtask fuzz`

use std::process::Command;

use crate::{Result, process, tools};

pub(crate) const HELP: &str = "\
looks for input that breaks a claim of the fuzz targets

usage: cargo xtask fuzz [TARGET] [SECONDS]
       cargo xtask fuzz --replay [TARGET]

TARGET is the name of a file in fuzz/fuzz_targets; without it all targets run, one after another, SECONDS (60) each.
Each starts from its seeds in fuzz/corpus/TARGET and from what earlier runs found (target/fuzz/corpus).

With --replay nothing is searched: every seed is tried once, in a plain build without libFuzzer.

Input that breaks a claim is written to fuzz/artifacts/TARGET. Once the fault is mended, move it to the seeds under a
name that says what it is, so that it is tried for ever.

cargo-fuzz is built on first use; it needs a C++ compiler. No nightly toolchain is needed: nothing here is unsafe, so the
sanitizers, which only nightly has, would have nothing to find.
";

const CARGO_FUZZ: &str = "0.13.2";
const SECONDS: u32 = 60;

/// What is to be done with the targets.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Replay,
    Search { seconds: u32 },
}

pub(crate) fn run(args: &[String]) -> Result {
    let known = targets()?;
    let (mode, targets) = parse(args, &known)?;
    match mode {
        Mode::Replay => replay(&targets),
        Mode::Search { seconds } => search(&targets, seconds),
    }
}

/// The names of the targets, in order.
fn targets() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(process::root().join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().and_then(|name| name.to_str()).map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// Reads the arguments: what to do, with which of the `known` targets.
fn parse(args: &[String], known: &[String]) -> Result<(Mode, Vec<String>)> {
    let (mut mode, mut targets) = (None, known.to_vec());
    for arg in args {
        if let (None, Ok(seconds)) = (mode, arg.parse()) {
            mode = Some(Mode::Search { seconds });
        } else if arg == "--replay" && mode.is_none() {
            mode = Some(Mode::Replay);
        } else if known.contains(arg) && targets.len() == known.len() {
            targets = vec![arg.clone()];
        } else {
            return Err(format!("unexpected argument {arg}; the targets are {}", known.join(", ")).into());
        }
    }
    Ok((mode.unwrap_or(Mode::Search { seconds: SECONDS }), targets))
}

fn replay(targets: &[String]) -> Result {
    let plain = |command: &str| {
        let mut cargo = process::cargo(&[command, "--quiet", "--manifest-path", "fuzz/Cargo.toml"]);
        // What both workspaces need is built once.
        cargo.arg("--target-dir").arg(process::target_dir());
        cargo
    };
    process::run(plain("build").arg("--bins"))?;
    for target in targets {
        process::run(plain("run").args(["--bin", target, "--"]).arg(format!("fuzz/corpus/{target}")))?;
    }
    Ok(())
}

fn search(targets: &[String], seconds: u32) -> Result {
    let cargo_fuzz = tools::path("cargo-fuzz", CARGO_FUZZ)?;
    let folder = process::target_dir().join("fuzz");
    let fuzz = |command: &str| -> Command {
        let mut fuzz = process::program(&cargo_fuzz);
        fuzz.args([command, "--fuzz-dir", "fuzz", "--sanitizer", "none", "--target-dir"]).arg(&folder);
        fuzz
    };
    process::run(&mut fuzz("build"))?;
    for target in targets {
        let found = folder.join("corpus").join(target);
        std::fs::create_dir_all(&found)?;
        let mut run = fuzz("run");
        run.env("RUST_LIB_BACKTRACE", "0");
        // libFuzzer writes what it finds to the first folder and only reads the second, which is committed.
        run.arg(target).arg(found).arg(format!("fuzz/corpus/{target}"));
        run.args(["--", &format!("-max_total_time={seconds}"), "-timeout=10", "-rss_limit_mb=1024"]);
        // Of the many lines it prints only the last counts, unless it found something.
        let output = run.output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            return Err(format!("the claim of {target} is broken\n{said}").into());
        }
        let result = said.lines().rfind(|line| line.starts_with("Done ")).unwrap_or("");
        println!("{target}: {result}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str) -> std::result::Result<(Mode, Vec<String>), String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&args, &["codec".to_owned(), "json".to_owned()]).map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_read() {
        let all = || vec!["codec".to_owned(), "json".to_owned()];
        let json = || vec!["json".to_owned()];
        assert_eq!(check(""), Ok((Mode::Search { seconds: SECONDS }, all())));
        assert_eq!(check("5"), Ok((Mode::Search { seconds: 5 }, all())));
        assert_eq!(check("json 5"), Ok((Mode::Search { seconds: 5 }, json())));
        assert_eq!(check("--replay"), Ok((Mode::Replay, all())));
        assert_eq!(check("--replay json"), Ok((Mode::Replay, json())));
    }

    #[test]
    fn a_wrong_argument_is_refused_with_the_targets() {
        for line in ["yaml", "json codec", "5 5", "--replay 5", "--fast", "-1"] {
            let error = check(line).unwrap_err();
            assert!(error.ends_with("the targets are codec, json"), "{line}: {error}");
        }
    }

    #[test]
    fn every_target_is_built_and_has_seeds() {
        let manifest = std::fs::read_to_string(process::root().join("fuzz/Cargo.toml")).unwrap();
        for target in targets().unwrap() {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target} is not in fuzz/Cargo.toml");
            assert!(process::root().join("fuzz/corpus").join(&target).is_dir(), "{target} has no seeds");
        }
    }
}
