"""Figures of complaints against SQL by hand."""
