"""Builders of the view models in `measure.views`, one module per page and per piece that pages share."""
