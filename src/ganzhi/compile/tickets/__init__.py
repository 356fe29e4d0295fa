"""Rows of tickets, as SQL."""
