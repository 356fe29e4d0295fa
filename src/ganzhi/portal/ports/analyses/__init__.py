"""Ports of the analyses that other packages bring along."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ganzhi.access.rights import Viewer
from ganzhi.measure.analyses.installed import AnalysisPage, Installed, analysis_page, installed
from ganzhi.measure.answers import Answers
from ganzhi.measure.views.query import PageQuery


@dataclass(frozen=True, slots=True)
class AnalysisPorts:
    """Ports for one viewer. installed: all there are. run: one of them for a scope."""

    installed: Callable[[], tuple[Installed, ...]]
    run: Callable[[str, PageQuery], AnalysisPage]


def analysis_ports(answers: Answers, viewer: Viewer) -> AnalysisPorts:
    """The ports on the answers of a workspace."""
    return AnalysisPorts(
        installed=installed,
        run=lambda code, query: answers.fresh(viewer, lambda reader: analysis_page(reader, code, query)),
    )
