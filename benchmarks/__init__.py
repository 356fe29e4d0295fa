"""Measured claims: each script prints ratios of one run, never bare times."""
