//! Log lines as Python's `logging` configures them.
