"""Builders of what is declared, one module per page and what they share."""
