"""Our own SQL, written as for DuckDB, said exactly in another engine's words or refused by name."""
