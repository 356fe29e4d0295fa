"""Processes with a store of their own, for races and kills."""
