"""Benchmarks about complaints."""
