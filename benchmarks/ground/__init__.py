"""What the benchmarks of the engine stand on: machine, fresh processes, medians, tables, a generated day."""
