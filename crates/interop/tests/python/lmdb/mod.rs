//! The LMDB backend of this project and that of the reference: the same answers, and the same databases.

mod conf;
mod differences;
mod dropin;
mod golden;
mod history;
mod limits;
mod pair;
mod queries;
mod random;
mod together;
