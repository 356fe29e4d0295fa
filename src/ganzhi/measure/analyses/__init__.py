"""Analyses that other packages bring along: what they may ask, what they give back, and which are installed."""
