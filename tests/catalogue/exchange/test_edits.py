"""The third layer: approved edits lie over the workspace's files, which lie over the pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ganzhi.base.errors import Issue, Location
from ganzhi.catalogue.exchange.places import relocated
from ganzhi.catalogue.files import SourceFile
from ganzhi.catalogue.load import load_catalogue, load_with_issues

Write = Callable[[str, str], Path]
WHOLE = "units:\n  '001': {name: {zh: 名, en: %s}, level: hall, parent: all}\n  '003': {name: {zh: 三, en: Three}, level: hall, parent: all}\n"


@pytest.fixture
def write(packs: Path, tmp_path: Path) -> Write:
    def to(name: str, text: str) -> Path:
        path = tmp_path / "catalogue" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return tmp_path / "catalogue"

    return to


def test_an_edit_replaces_the_whole_entry_and_the_later_one_wins(write: Write) -> None:
    write("own.yaml", 'units:\n  "001": {name: {en: Own}, valid_from: "2026-01-01"}\n')
    write("edits/0002-b/units.yaml", WHOLE % "Second")
    overlay = write("edits/0001-a/units.yaml", WHOLE % "First")
    found = load_catalogue("small", overlay)
    assert found.units["001"].name.en == "Second"
    assert found.units["001"].valid_from is None
    assert list(found.units) == ["all", "001", "002", "003"]
    place = found.place("units", "001")
    assert place is not None
    assert place.file == "catalogue/edits/0002-b/units.yaml"


def test_an_edit_drops_entries_and_a_later_one_may_bring_them_back(write: Write) -> None:
    overlay = write("edits/0001-a/dropped.yaml", "dropped:\n  shortfalls: [long_queues, gone_before]\n")
    assert not load_catalogue("small", overlay).shortfalls
    proposed = [SourceFile("proposal/units.yaml", b"dropped:\n  units: ['002']\n")]
    found, issues = load_with_issues("small", overlay, proposed=proposed)
    assert found is not None, issues
    assert list(found.units) == ["all", "001"]


@pytest.mark.parametrize("text", ["[a]", "{nothing: [a]}", "{units: a}", "{units: [1]}"])
def test_a_dropping_that_is_no_list_of_codes_by_kind_is_an_issue(write: Write, text: str) -> None:
    _, issues = load_with_issues("small", write("edits/0001-a/dropped.yaml", f"dropped: {text}\n"))
    assert [(issue.code, issue.at and issue.at.line) for issue in issues if issue.severity == "error"] == [
        ("CAT120", 1)
    ]


def test_only_edits_may_drop(write: Write) -> None:
    _, issues = load_with_issues("small", write("own.yaml", "dropped:\n  units: ['002']\n"))
    assert "CAT020" in [issue.code for issue in issues]


def test_issues_of_a_proposal_are_told_at_the_cell_they_come_from() -> None:
    cell = Location("book.xlsx indicators!F3")
    places = {("indicators", "a.b"): Location("book.xlsx indicators!A3"), ("indicators", "a.b", "feed"): cell}
    at = Location("proposal/indicators.yaml", 7)
    found = relocated(
        [
            Issue("CAT070", "a.b.feed", at, {"kind": "feeds", "value": "x"}),
            Issue("CAT105", "a.b.unit", at),
            Issue("CAT070", "topics.t.headline", Location("pack/x.yaml", 3), {"kind": "indicators", "value": "gone"}),
        ],
        "proposal",
        places,
        {"indicators": ("gone",)},
    )
    assert [(issue.code, str(issue.at)) for issue in found] == [
        ("CAT070", "book.xlsx indicators!F3"),
        ("CAT105", "book.xlsx indicators!A3"),
        ("CAT136", "pack/x.yaml:3"),
    ]
