"""`ganzhi knowledge`: notes on indicators, processes and cases."""

from __future__ import annotations

from ganzhi.cli.knowledge.notes import knowledge

__all__ = ["knowledge"]
