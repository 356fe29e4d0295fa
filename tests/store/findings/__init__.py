"""Tests of findings as rows."""
