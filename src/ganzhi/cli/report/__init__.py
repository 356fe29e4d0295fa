"""`ganzhi report`: reports over several features."""

from __future__ import annotations

from ganzhi.cli.report.support import report

__all__ = ["report"]
