"""Tests of what is older than the house."""
