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
from ganzhi.measure.analyses.installed import analysis_page, installed
from ganzhi.measure.build.indicator import indicator_page
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.views.query import IndicatorQuery, PageQuery

WEEK = PageQuery(None, "1999-W03", None, None)
SOURCE = """
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.analyses.analysis import Analysis, Column, Table

NAME = Text(zh="各地来电", en="Calls by place")
COLUMNS = (Column("place", NAME), Column("calls", NAME, "number"))


def run(asked):
    found = asked.observe("hotline.calls", children=True)
    return Table(COLUMNS, [(asked.unit_name(each.unit), each.value) for each in found])


def deep(asked):
    return Table(COLUMNS, [(each.slice["call_type"], each.value) for each in asked.observe("hotline.calls", by=("call_type",))])


def wrong(asked):
    return Table(COLUMNS, [("a",)])


CALLS = Analysis(NAME, NAME, run)
DEEP = Analysis(NAME, NAME, deep)
WRONG = Analysis(NAME, NAME, wrong)
FAILS = Analysis(NAME, NAME, lambda asked: 1 / 0)
"""
POINTS = """
[ganzhi.analyses]
calls_by_place = operator_analyses:CALLS
calls_by_type = operator_analyses:DEEP
wrong_table = operator_analyses:WRONG
fails = operator_analyses:FAILS
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
