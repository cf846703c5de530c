//! How long the machine takes for one access to memory, which is where the time of large look-ups goes.

use crate::clock::{median, timed};
use crate::random::Random;
use crate::results::{Measured, measured};

/// What is fetched at once on common processors, in bytes.
const LINE: usize = 64;

const STEPS: usize = 100_000;

/// Walks through so many bytes at random, each step to where the one before says.
pub(crate) fn measure(bytes: usize, seconds: f64) -> Measured {
    let count = bytes / LINE;
    let mut random = Random(13);
    let mut order: Vec<usize> = (0..count).collect();
    for i in (1..count).rev() {
        order.swap(i, random.below(i as u64 + 1) as usize);
    }
    let mut lines = vec![[0usize; LINE / size_of::<usize>()]; count];
    for (from, to) in order.iter().zip(order.iter().cycle().skip(1)) {
        lines[*from][0] = *to;
    }
    drop(order);
    let mut place = 0;
    let mut walk = || {
        let (time, end) = timed(|| (0..STEPS).fold(place, |place, _| lines[place][0]));
        place = end;
        time / STEPS as f64
    };
    median(seconds / 5.0, &mut walk);
    measured([("access", median(seconds, walk))])
}
