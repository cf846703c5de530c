//! Workloads of the benchmarks, from fixed seeds.
