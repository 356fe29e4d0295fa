"""Tests of the catalogue: reading, checking, expressions, and the pack that ships."""
