//! Tables of what was measured.

use std::collections::{BTreeMap, BTreeSet};

use super::measures::{CONTESTANTS, Panel};
use super::numbers::Numbers;
use super::units::{count, ratio};

/// A table of a panel: a row a size, a column a contestant, and how many times more than ours it is.
pub(super) fn table(panel: &Panel, numbers: &Numbers) -> String {
    let lines = panel.lines(numbers);
    let columns: Vec<BTreeMap<u64, f64>> =
        lines.iter().map(|line| line.points.iter().map(|(size, number)| (*size as u64, *number)).collect()).collect();
    let sizes: BTreeSet<u64> = columns.iter().flat_map(BTreeMap::keys).copied().collect();
    // How many match is told where it is measured and not what grows.
    let found = numbers.of(panel.work, "found", CONTESTANTS[0]);
    let found = found.into_iter().filter(|_| panel.what == "look-up" && panel.work == "collection");
    let found: BTreeMap<u64, f64> = found.collect();

    let mut head = vec![panel.x.to_owned()];
    head.extend((!found.is_empty()).then(|| "matches an event".to_owned()));
    head.extend(lines.iter().map(|line| format!("`{}`", line.name)));
    let mut text = format!("**{}**, {}\n\n{}", panel.title, panel.y, row(&head));
    text.push_str(&row(&vec!["--:".to_owned(); head.len()]));
    for size in sizes {
        let mut cells = vec![count(size)];
        if !found.is_empty() {
            cells.push(found.get(&size).map_or_else(String::new, |found| format!("{found:.1}")));
        }
        let ours = columns.first().and_then(|ours| ours.get(&size));
        for (i, column) in columns.iter().enumerate() {
            cells.push(match (column.get(&size), ours) {
                (Some(number), Some(ours)) if i > 0 => {
                    format!("{}, {}", panel.unit.write(*number), ratio(*number, *ours))
                }
                (Some(number), _) => panel.unit.write(*number),
                (None, _) => "–".to_owned(),
            });
        }
        text.push_str(&row(&cells));
    }
    text
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
