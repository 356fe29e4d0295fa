"""Builds the panoramas, the modules, the start page, places and halls."""
