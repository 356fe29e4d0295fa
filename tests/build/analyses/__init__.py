"""Analyses of other packages."""
