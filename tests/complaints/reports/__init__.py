"""Tests of complaint reports."""
