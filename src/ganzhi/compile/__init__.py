"""Catalogue to plan to SQL. Opens no connection and reads no clock."""
