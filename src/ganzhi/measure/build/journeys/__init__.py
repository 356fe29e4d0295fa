"""Builders of the journeys' view models, one module per page and what they share."""
