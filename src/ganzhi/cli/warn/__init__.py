"""`ganzhi warn`: signals of a day, what a rule would have done, text cases, proposed thresholds."""

from __future__ import annotations

from ganzhi.cli.warn import look, moves, route, run, thresholds
from ganzhi.cli.warn.group import warn

__all__ = ["look", "moves", "route", "run", "thresholds", "warn"]
