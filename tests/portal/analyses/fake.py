"""Analyses of the fake house: one that finds something, one that finds nothing, one that cannot be loaded."""

from __future__ import annotations

from collections.abc import Callable

from ganzhi.base.errors import InputError, Issue
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.analyses.analysis import Analysis, Column, Opened, Records, Table
from ganzhi.measure.analyses.installed import AnalysisPage, Installed
from ganzhi.measure.views.parts import Scope
from ganzhi.measure.views.query import PageQuery
from ganzhi.portal.ports.analyses import AnalysisPorts

Named = Callable[[Text], Text]


def analysis_ports(variant: str, scope: Callable[[PageQuery], Scope], named: Named) -> AnalysisPorts:
    """The ports in a variant of the house."""

    def said(zh: str, en: str) -> Text:
        return named(Text(zh=zh, en=en))

    columns = (
        Column("place", said("地点", "Place")),
        Column("calls", said("来电", "Calls"), "number", 1),
        Column("share", said("占比", "Share"), "percent", 1),
    )
    taken = Records("calls", "hotline.answer_rate", "AB-2", "1999-W03", "all", (("call_type", "PS"),), 7105)
    rows = ((said("一组", "Team 1"), taken, Opened(60.0, taken)), ("AB-2", None, None))
    table = Table(columns, () if variant == "empty" else rows, said("按样本", "From the sample"))
    analysis = Analysis(
        said("各地来电", "Calls by place"), said("下级单位的来电量", "Calls of the units below"), lambda _: table
    )
    found = (
        Installed("calls_by_place", "operator-analyses", "1.2", analysis),
        Installed("broken", "operator-analyses", "1.2", None, "ImportError"),
    )

    def run(code: str, query: PageQuery) -> AnalysisPage:
        if code != "calls_by_place":
            raise InputError(Issue("ANA001", code, params={"known": "calls_by_place"}))
        return AnalysisPage(found[0], analysis, scope(query), table)

    return AnalysisPorts(lambda: () if variant == "empty" else found, run)
