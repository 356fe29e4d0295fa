"""SQL of analyses that look at records and not at states."""
