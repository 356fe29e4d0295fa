"""Warnings as values come: rules of the service centre, judged from counts per minute within seconds (S003-007, S003-009)."""
