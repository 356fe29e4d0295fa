"""Typed entries of the catalogue. A model says what may be written; `catalogue.checks` says what makes sense.

All models are frozen and refuse unknown fields. Expressions are text here; `catalogue.expressions`
parses them before anything else may use them.
"""
