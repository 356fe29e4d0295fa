"""Event logs as files that other tools read: XES (IEEE 1849) and OCEL 2.0 JSON."""
