"""Ids, periods, units of value, errors, clock and wording: what every other room may lean on.

Imports nothing of ours. Holds no state, opens no file but its own message files.
"""
