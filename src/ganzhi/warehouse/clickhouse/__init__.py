"""ClickHouse as an engine: the operator's server, or the library chdb in this process."""
