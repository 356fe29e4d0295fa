"""Rules about what early warning declares: the calendar, warning rules, publication rules."""
