"""What follows from a catalogue: coverage of touchpoints, candidate indicators and completeness.

Pure functions over a `Catalogue`, for pages, commands and checks alike; nothing here changes an entry.
"""
