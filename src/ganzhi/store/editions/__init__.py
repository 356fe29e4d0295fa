"""Reports as they were produced."""
