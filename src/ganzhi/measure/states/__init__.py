"""Keeping states: what is stale, how it is computed, where rows lie elsewhere, and what stays when rows go."""
