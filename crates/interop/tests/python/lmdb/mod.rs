//! The LMDB backend of this project and that of the reference: the same answers, and the same databases.

mod conf;
mod history;
mod pair;
mod queries;
mod random;
