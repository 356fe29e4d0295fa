"""Early warning on years of the simulated province."""
