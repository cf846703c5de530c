use super::table::Table;
use crate::slab::NONE;

/// Stands for a `?` among the numbers of a query type's segments.
pub(super) const ANY: u32 = NONE - 1;

/// The query types of one shape, each a row of the numbers of its segments and of a value.
///
/// Rows lie one behind the other and are found by their keys; a row keeps its number until it is removed.
#[derive(Clone, Debug)]
pub(super) struct Rows {
    table: Table,
    cells: Vec<u32>,
    /// How many segments a row has. Its value stands behind them.
    width: usize,
    /// The first of the rows that are not used; in place of its value each has the next.
    free: u32,
}

impl Rows {
    pub(super) fn new(width: usize) -> Self {
        Self { table: Table::new(), cells: Vec::new(), width, free: NONE }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.table.len() == 0
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    /// Whether there may be a row with this key; see [`Table::may_hold`].
    #[inline]
    pub(super) fn may_hold(&self, key: u64) -> bool {
        self.table.may_hold(key)
    }

    /// The row that may have this key, see [`Table::propose`], or [`NONE`]. What it holds is fetched from memory.
    #[inline]
    pub(super) fn propose(&self, key: u64) -> u32 {
        let row = self.table.propose(key).unwrap_or(NONE);
        // A row without this value would not be there.
        if self.cells.get(self.start(row)) == Some(&NONE) { NONE } else { row }
    }

    /// The row with this key that `fits`.
    #[inline]
    pub(super) fn find(&self, key: u64, fits: impl Fn(&[u32]) -> bool) -> Option<u32> {
        self.table.find(key, |row| self.segments(row).is_some_and(&fits))
    }

    /// The numbers of a row's segments.
    #[inline]
    pub(super) fn segments(&self, row: u32) -> Option<&[u32]> {
        let start = self.start(row);
        self.cells.get(start..start + self.width)
    }

    /// The value of a row: [`NONE`] until there is one.
    #[inline]
    pub(super) fn value(&self, row: u32) -> u32 {
        self.cells.get(self.start(row) + self.width).copied().unwrap_or(NONE)
    }

    pub(super) fn set_value(&mut self, row: u32, value: u32) {
        let place = self.start(row) + self.width;
        if let Some(cell) = self.cells.get_mut(place) {
            *cell = value;
        }
    }

    /// Adds a row with as many numbers as it is wide. `key_of` tells the keys of such numbers.
    pub(super) fn insert(&mut self, key: u64, numbers: &[u32], key_of: impl Fn(&[u32]) -> u64) -> u32 {
        let row = self.unused();
        self.set_value(row, NONE);
        let start = self.start(row);
        if let Some(cells) = self.cells.get_mut(start..start + numbers.len()) {
            cells.copy_from_slice(numbers);
        }
        let (cells, width) = (&self.cells, self.width);
        let hash_of = |row| cells.get(start_of(row, width)..).and_then(|cells| cells.get(..width)).map_or(0, &key_of);
        self.table.insert(key, row, hash_of);
        row
    }

    pub(super) fn remove(&mut self, key: u64, row: u32) {
        self.table.remove(key, row);
        self.set_value(row, self.free);
        self.free = row;
    }

    fn unused(&mut self) -> u32 {
        if self.free != NONE {
            let row = self.free;
            self.free = self.value(row);
            return row;
        }
        let len = self.cells.len();
        let cells = self.width + 1;
        if len + cells > self.cells.capacity() {
            // By half, as the table does: doubling would leave more of it empty.
            self.cells.reserve_exact((len / 2).max(cells));
        }
        self.cells.resize(len + cells, NONE);
        (len / cells) as u32
    }

    #[inline]
    fn start(&self, row: u32) -> usize {
        start_of(row, self.width)
    }
}

#[inline]
fn start_of(row: u32, width: usize) -> usize {
    row as usize * (width + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All have the same key, so that only comparing tells them apart.
    fn insert(rows: &mut Rows, numbers: &[u32]) -> u32 {
        rows.insert(7, numbers, |_| 7)
    }

    fn find(rows: &Rows, numbers: &[u32]) -> Option<u32> {
        rows.find(7, |held| held == numbers)
    }

    #[test]
    fn rows_are_found_by_what_they_hold() {
        let mut rows = Rows::new(2);
        let [a, b] = [[1, 2], [1, 3]].map(|numbers| insert(&mut rows, &numbers));
        assert_eq!((find(&rows, &[1, 2]), find(&rows, &[1, 3])), (Some(a), Some(b)));
        assert_eq!((find(&rows, &[1, 4]), rows.find(8, |_| true)), (None, None));
        rows.set_value(b, 9);
        assert_eq!((rows.value(a), rows.value(b)), (NONE, 9));
    }

    #[test]
    fn numbers_of_removed_rows_are_given_away_again() {
        let mut rows = Rows::new(1);
        let all: Vec<u32> = (0..100).map(|i| insert(&mut rows, &[i])).collect();
        all.iter().for_each(|row| rows.remove(7, *row));
        assert!(rows.is_empty() && find(&rows, &[5]).is_none());
        let again: Vec<u32> = (0..100).map(|i| insert(&mut rows, &[i])).collect();
        assert!(again.iter().all(|row| *row < 100 && rows.value(*row) == NONE));
        assert_eq!(rows.len(), 100);
    }

    #[test]
    fn the_query_type_without_segments_has_a_row() {
        let mut rows = Rows::new(0);
        let row = insert(&mut rows, &[]);
        assert_eq!(find(&rows, &[]), Some(row));
        assert_eq!(rows.segments(row), Some(&[][..]));
    }
}
