"""Observations and scores of all units, computed once per period and kept as state files."""
