"""Analyses of other packages: a small one is installed, asks, and is seen; what it must not see it does not get."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ganzhi.access.rights import ROLES, AccessError
from ganzhi.base.errors import EngineError, InputError
from ganzhi.measure.analyses import analysis as interface
from ganzhi.measure.analyses.analysis import Asking, records_of
from ganzhi.measure.analyses.installed import analysis_page, installed
from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.build.records import records_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.query import IndicatorQuery, PageQuery, RecordsQuery

WEEK = PageQuery(None, "1999-W03", None, None)
SOURCE = """
from dataclasses import replace

from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.analyses.analysis import Analysis, Column, Opened, Table

NAME = Text(zh="各地来电", en="Calls by place")
COLUMNS = (Column("place", NAME), Column("calls", NAME, "number"))


def run(asked):
    found = asked.observe("hotline.calls", children=True)
    return Table(COLUMNS, [(asked.unit_name(each.unit), each.value) for each in found])


def deep(asked):
    return Table(COLUMNS, [(each.slice["call_type"], each.value) for each in asked.observe("hotline.calls", by=("call_type",))])


def opens(asked):
    found = [*asked.observe("hotline.answer_rate", children=True), *asked.observe("hotline.answer_rate", by=("call_type",))]
    parts = [(each, part) for each in found for part in ("all", "numerator", "denominator")]
    return Table(COLUMNS, [(part, Opened(each.value, asked.records(each, part))) for each, part in parts])


def none_to_open(asked):
    return Table(COLUMNS, [("sum", asked.records(asked.observe("hotline.wait.mean_s")[0], "numerator"))])


def forged(asked):
    true = asked.records(asked.observe("hotline.calls")[0])
    return Table(COLUMNS, [("calls", replace(true, count=true.count + 1))])


def wrong(asked):
    return Table(COLUMNS, [("a",)])


CALLS = Analysis(NAME, NAME, run)
DEEP = Analysis(NAME, NAME, deep)
WRONG = Analysis(NAME, NAME, wrong)
OPENS = Analysis(NAME, NAME, opens)
NONE = Analysis(NAME, NAME, none_to_open)
FORGED = Analysis(NAME, NAME, forged)
FAILS = Analysis(NAME, NAME, lambda asked: 1 / 0)
"""
POINTS = """
[ganzhi.analyses]
calls_by_place = operator_analyses:CALLS
calls_by_type = operator_analyses:DEEP
wrong_table = operator_analyses:WRONG
fails = operator_analyses:FAILS
opens = operator_analyses:OPENS
none_to_open = operator_analyses:NONE
forged = operator_analyses:FORGED
gone = operator_analyses:GONE
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package as an installer leaves it: a module, and what it says about itself."""
    about = tmp_path / "operator_analyses-1.2.dist-info"
    about.mkdir()
    (tmp_path / "operator_analyses.py").write_text(SOURCE, encoding="utf-8")
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: operator-analyses\nVersion: 1.2\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(POINTS, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    installed.cache_clear()
    yield
    installed.cache_clear()


@pytest.mark.requirement("S003-057", "S004-036")
def test_a_package_that_is_installed_adds_an_analysis(reader: Reader, package: None) -> None:
    known = {each.code: each for each in installed()}
    assert {code for code, each in known.items() if each.analysis is not None} == {
        "calls_by_place",
        "calls_by_type",
        "fails",
        "forged",
        "none_to_open",
        "opens",
        "wrong_table",
    }
    assert (known["gone"].fault, known["gone"].package, known["gone"].version) == (
        "AttributeError",
        "operator-analyses",
        "1.2",
    )
    page = analysis_page(reader, "calls_by_place", WEEK)
    whole = indicator_page(reader, "hotline.calls", WEEK, IndicatorQuery())
    places = {str(name.en): value for name, value in page.table.rows}  # type: ignore[union-attr]
    assert set(places) == {"North centre", "South centre"}
    assert sum(places.values()) == whole.now.value  # type: ignore[arg-type]


@pytest.mark.requirement("S003-057", "S004-036")
def test_a_cell_opens_to_as_many_records_as_it_says(reader: Reader, package: None) -> None:
    cells = [cell for _, cell in analysis_page(reader, "opens", WEEK).table.rows]
    links = [records_of(cell) for cell in cells]
    assert len(links) > 9
    assert {each.part for each in links if each} == {"all", "numerator", "denominator"}
    for each in links[:6] + links[-3:]:
        assert each is not None
        query, asked = replace(WEEK, unit=each.unit), RecordsQuery(each.part, dict(each.where))
        assert records_page(reader, each.indicator, query, asked).total == each.count > 0
    assert analysis_page(reader, "none_to_open", WEEK).table.rows == [("sum", None)]
    with pytest.raises(EngineError) as failed:
        analysis_page(reader, "forged", WEEK)
    assert failed.value.issue.params["kind"] == "Records"
    leader = replace(reader.viewer, role="leader", rights=ROLES["leader"].rights)
    scope = analysis_page(reader, "calls_by_place", WEEK).scope
    asking = Asking(Reader(reader.workplace, reader.states, leader), scope)
    assert asking.records(asking.observe("hotline.calls")[0]) is None


def test_it_sees_no_more_than_who_opened_it(reader: Reader, package: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert analysis_page(reader, "calls_by_type", WEEK).table.rows
    leader = replace(reader.viewer, role="leader", rights=ROLES["leader"].rights)
    reduced = Reader(reader.workplace, reader.states, leader)
    with pytest.raises(AccessError):
        analysis_page(reduced, "calls_by_type", WEEK)
    week = indicator_page(reader, "hotline.calls", WEEK, IndicatorQuery()).scope.period
    out = frozenset({("hotline.calls", "south", week)})
    monkeypatch.setattr(interface, "withheld_above", lambda *_: out)
    assert [str(name.en) for name, _ in analysis_page(reduced, "calls_by_place", WEEK).table.rows] == ["North centre"]  # type: ignore[union-attr]
    bound = Reader(reader.workplace, reader.states, replace(leader, units=("south",)))
    with pytest.raises(InputError):
        analysis_page(bound, "calls_by_place", replace(WEEK, unit="north"))


def test_one_that_fails_or_is_not_there_says_so_and_hurts_nothing_else(reader: Reader, package: None) -> None:
    for code, kind in (("fails", "ZeroDivisionError"), ("wrong_table", "Table"), ("gone", "AttributeError")):
        with pytest.raises(EngineError) as failed:
            analysis_page(reader, code, WEEK)
        assert (failed.value.issue.code, failed.value.issue.params["kind"]) == ("ANA002", kind)
    with pytest.raises(InputError) as unknown:
        analysis_page(reader, "calls_by_plac", WEEK)
    assert "calls_by_place" in unknown.value.issues[0].params["known"]
    installed.cache_clear()
