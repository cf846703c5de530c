//! `cargo xtask ci`

use std::time::{Duration, Instant};

use crate::{Result, bench, compare, counts, deny, docs, faults, fuzz, golden, interop, layers, lint, test};

pub(crate) const HELP: &str = "\
runs all checks, in the order of the continuous integration

usage: cargo xtask ci [--from STEP]

The steps are test, lint, layers, docs, deny, golden, bench, counts, replay, fuzz, faults,
interop and compare. The first that fails ends the run; --from goes on at a step. At the end stands how long each took.
";

/// A step and what it runs: a command of its own, with arguments.
type Step = (&'static str, fn(&[String]) -> Result, &'static [&'static str]);

const STEPS: &[Step] = &[
    ("test", test::run, &[]),
    ("lint", lint::run, &[]),
    ("layers", layers::run, &[]),
    ("docs", docs::run, &[]),
    ("deny", deny::run, &[]),
    ("golden", golden::run, &["--check"]),
    ("bench", bench::run, &["--smoke"]),
    ("counts", counts::run, &["--check"]),
    ("replay", fuzz::run, &["--replay"]),
    ("fuzz", fuzz::run, &["5"]),
    ("faults", faults::run, &["--short"]),
    ("interop", interop::run, &[]),
    ("compare", compare::run, &["--smoke"]),
];

pub(crate) fn run(args: &[String]) -> Result {
    let steps = parse(args)?;
    let mut times = Vec::new();
    for (name, run, args) in steps {
        println!("\n== {name}");
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let start = Instant::now();
        let outcome = run(&args);
        times.push((*name, start.elapsed()));
        if let Err(error) = outcome {
            print_times(&times);
            return Err(format!("step {name} failed: {error}\n\ngo on with: cargo xtask ci --from {name}").into());
        }
    }
    print_times(&times);
    println!("all checks passed");
    Ok(())
}

/// The steps to run.
fn parse(args: &[String]) -> Result<&'static [Step]> {
    let first = match args {
        [] => 0,
        [flag, name] if flag == "--from" => STEPS
            .iter()
            .position(|(step, ..)| step == name)
            .ok_or_else(|| format!("there is no step {name}; --help names them"))?,
        _ => return Err("usage: cargo xtask ci [--from STEP]".into()),
    };
    Ok(&STEPS[first..])
}

fn print_times(times: &[(&str, Duration)]) {
    println!();
    for (name, time) in times {
        println!("{name:<8} {:>6.1} s", time.as_secs_f64());
    }
    let total: Duration = times.iter().map(|(_, time)| time).sum();
    println!("{:<8} {:>6.1} s", "all", total.as_secs_f64());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> std::result::Result<Vec<&'static str>, String> {
        let args: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let steps = parse(&args).map_err(|error| error.to_string())?;
        Ok(steps.iter().map(|(name, ..)| *name).collect())
    }

    #[test]
    fn a_run_starts_where_it_is_told() {
        assert_eq!(names("").unwrap().len(), STEPS.len());
        assert_eq!(names("--from fuzz").unwrap(), ["fuzz", "faults", "interop", "compare"]);
        for line in ["--from", "--from nowhere", "fuzz"] {
            assert!(names(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_help_names_every_step() {
        assert!(STEPS.iter().all(|(name, ..)| HELP.contains(name)));
    }
}
