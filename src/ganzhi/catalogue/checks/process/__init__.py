"""Checks of flows and service blueprints."""
