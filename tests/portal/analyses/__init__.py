"""Analyses of other packages, in the pages."""
