"""The case library (C08): what was learned from complaints, kept for the next one, and the manuals of the front line."""

from __future__ import annotations

from ganzhi.complaints.cases.library import Library
from ganzhi.complaints.cases.suggest import Suggestion, suggest

__all__ = ["Library", "Suggestion", "suggest"]
