//! The hottest operations, for `cargo xtask counts`, which runs each under callgrind.
//!
//! Without an argument this prints their names. With the name of one it runs that twice, the second time in
//! [`counted`], where callgrind looks, and prints how many operations these were.
//!
//! This is a package of its own so that building it takes seconds and not the minutes that all benchmarks take.

#![expect(clippy::print_stdout, reason = "this speaks to cargo xtask")]

#[path = "../decoded.rs"]
mod decoded;
#[path = "../events.rs"]
mod events;
mod matching;
mod messages;
#[path = "../random.rs"]
mod random;
#[path = "../w1.rs"]
mod w1;
#[path = "../workloads.rs"]
mod workloads;

use std::hint::black_box;

/// Something that is ready to run: what was needed for it is made already.
struct Piece {
    /// How many operations it is.
    operations: usize,
    run: Box<dyn FnMut()>,
}

impl Piece {
    /// So many operations, of which the result is dropped at once.
    fn new<T>(operations: usize, mut run: impl FnMut() -> T + 'static) -> Self {
        Self { operations, run: Box::new(move || drop(black_box(run()))) }
    }
}

/// An operation's name and what makes it ready.
type Operation = (&'static str, fn() -> Piece);

/// What callgrind counts, by the name of this function: it has to stay one, and to be called once.
#[inline(never)]
fn counted(run: &mut dyn FnMut()) {
    run();
}

fn main() -> Result<(), String> {
    let operations = || matching::OPERATIONS.iter().chain(messages::OPERATIONS);
    let Some(name) = std::env::args().nth(1) else {
        operations().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    };
    let (_, prepare) = operations().find(|(known, _)| *known == name).ok_or(format!("there is no operation {name}"))?;
    let mut piece = prepare();
    // What is made once, such as the schemas, is made now, and the allocator has seen what it will be asked for.
    (piece.run)();
    counted(&mut piece.run);
    println!("{}", piece.operations);
    Ok(())
}
