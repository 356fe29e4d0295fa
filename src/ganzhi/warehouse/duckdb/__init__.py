"""The embedded engine: private in-memory DuckDB sessions over explicit Parquet files, and the serving cache."""
