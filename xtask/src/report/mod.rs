//! `cargo xtask compare --report`: how cost grows, measured, as tables and charts in the book.
//!
//! `measures` says what is shown, `numbers` holds what was measured, and `table`, `chart` and `page` write it.

mod chart;
mod machine;
mod measures;
mod numbers;
mod page;
mod scale;
mod table;
mod units;

use std::fs;
use std::path::Path;

use numbers::Numbers;
use serde_json::Value;

use crate::{Result, process, venv};

const PAGE: &str = "docs/src/benchmarks.md";

/// The file beside the numbers that tells the machine.
const MACHINE: &str = "machine.json";

/// The benches that measure, in the crate `interop`; each writes a file of its name.
const BENCHES: [&str; 2] = ["growth", "growth_bytes"];

pub(crate) fn run(args: &[String]) -> Result {
    let (measures, quick) = match args {
        [] => (true, false),
        [flag] if flag == "--quick" => (true, true),
        [flag] if flag == "--redraw" => (false, false),
        _ => return Err("usage: cargo xtask compare --report [--quick | --redraw]".into()),
    };
    let made = process::target_dir().join("growth");
    let measured = made.join(if quick { "quick" } else { "full" });
    if measures {
        fs::create_dir_all(&measured)?;
        measure(&measured, quick)?;
    }
    let mut numbers = Numbers::default();
    for bench in BENCHES {
        numbers.read(&read(&measured.join(format!("{bench}.json")))?)?;
    }
    let machine = serde_json::from_str(&read(&measured.join(MACHINE))?)?;
    let page = process::root().join(PAGE);
    let to = if quick { made.join("benchmarks.md") } else { page.clone() };
    write(&numbers, &machine, &read(&page)?, &to)?;
    eprintln!("written: {} and the charts beside it", to.display());
    Ok(())
}

fn read(path: &Path) -> Result<String> {
    Ok(fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?)
}

fn measure(folder: &Path, quick: bool) -> Result {
    let python = venv::NEWEST.python()?;
    fs::write(folder.join(MACHINE), format!("{:#}\n", machine::describe(&python)?))?;
    for bench in BENCHES {
        let to = folder.join(format!("{bench}.json"));
        let mut cargo = process::cargo(&["bench", "--package", "hat-event-interop", "--features", "python"]);
        cargo.args(["--bench", bench, "--"]).arg(&to).args(quick.then_some("--quick"));
        process::run(cargo.env(venv::NEWEST.variable, &python))?;
    }
    Ok(())
}

/// Writes the page with its generated sections replaced to a path, and the charts into a folder beside it.
fn write(numbers: &Numbers, machine: &Value, page: &str, to: &Path) -> Result {
    let charts = to.with_file_name("charts");
    fs::create_dir_all(&charts)?;
    let mut page = page::replace(page, "machine", &machine::table(machine, numbers))?;
    for measure in measures::ALL {
        let panels: Vec<_> = measure.panels.iter().map(|panel| panel.draw(numbers, machine)).collect();
        fs::write(charts.join(format!("{}.svg", measure.name)), chart::svg(&panels))?;
        page = page::replace(&page, measure.name, &measure.section(numbers))?;
    }
    fs::write(to, page)?;
    Ok(())
}
