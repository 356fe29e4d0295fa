"""Service blueprints with live measures, encounters, standards."""
