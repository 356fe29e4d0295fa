"""Tests of analyses of complaints."""
