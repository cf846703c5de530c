//! Configurations of servers: where they are found, how they are read and checked.
