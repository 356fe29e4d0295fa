"""View models: what a page, a report or an API answer shows, as frozen dataclasses.

Numbers are raw, codes are codes; wording, rounding and geometry belong to whoever shows them.
"""
