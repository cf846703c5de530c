/// How errors end: with a place, counted from 1.
pub(super) fn place(line: usize, column: usize) -> String {
    format!(" at line {line}, column {column}")
}

/// The place of a byte.
pub(super) fn of_byte(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    place(before.matches('\n').count() + 1, before.chars().rev().take_while(|c| *c != '\n').count() + 1)
}
