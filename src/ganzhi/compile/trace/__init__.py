"""Traces compiled: the statements that link records of several systems into chains, and those that ask about chains."""
