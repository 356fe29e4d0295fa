"""Closed periods: what was reported stays as it was; what is known now stands beside it."""
