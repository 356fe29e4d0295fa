"""Reports of complaints: by the day, the week and the month, kept as they were produced."""
