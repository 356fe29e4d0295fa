"""`ganzhi catalogue` and `ganzhi try` as a person uses them, on a small pack of the tests' own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import openpyxl
import pytest

from ganzhi.catalogue import files
from tests.catalogue.exchange.conftest import PACKS, cell_of, sheet_of
from tests.cli.conftest import Program


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ganzhi: Program) -> Path:
    """A workspace of the small pack."""
    monkeypatch.setattr(files, "_packs_folder", lambda: PACKS)
    assert ganzhi("init", tmp_path / "w", "--pack", "small").status == 0
    return tmp_path / "w"


@pytest.fixture
def book(home: Path, ganzhi: Program) -> Path:
    """The exported workbook with a target, a name and a measure changed."""
    path = home.parent / "book.xlsx"
    assert ganzhi("catalogue", "export", path, "-w", home).status == 0
    opened = openpyxl.load_workbook(path)
    cell_of(opened, "indicators", "hall.served_rate", "targets.management.target").value = 91
    cell_of(opened, "indicators", "hall.visits", "name.en").value = "Visits to halls"
    cell_of(opened, "feeds.derived", "visits", "expr").value = "wait_s <= 300"
    opened.save(path)
    return path


def test_from_workbook_to_approval(home: Path, book: Path, ganzhi: Program) -> None:
    said = ganzhi(
        "catalogue", "import", book, "--author", "ann", "--reason", "2027 targets", "-w", home, "--format", "json"
    )
    assert said.status == 0, said.err
    made = said.json[0]
    changes = {(c["code"], c["field"], c["old"], c["new"], c["effect"]) for c in made["changes"]}
    assert ("hall.served_rate", "targets.management.target", 90, 91, "judgement") in changes
    assert ("hall.visits", "name.en", "Visits", "Visits to halls", "wording") in changes
    assert made["meanings"] == ["hall.short_waits"]

    listed = ganzhi("catalogue", "proposals", "-w", home).out
    assert made["id"] in listed
    assert "2027 targets" in ganzhi("catalogue", "show", made["id"][-8:], "-w", home).out
    assert ganzhi("catalogue", "diff", "pack", "now", "-w", home).err.strip() == "No difference."

    own = ganzhi("catalogue", "approve", made["id"], "--by", "ann", "-w", home)
    assert (own.status, "REQ030" in own.err) == (2, True)
    done = ganzhi("catalogue", "approve", made["id"], "--by", "bo", "--valid-from", "2027-01-01", "-w", home)
    assert done.status == 0, done.err
    assert "valid from 2027-01-01" in done.err
    first, second = ganzhi("catalogue", "versions", "-w", home, "--format", "json").json
    assert (second["author"], second["valid_from"], second["superseded"]) == ("ann", "2027-01-01", None)
    assert first["superseded"]
    difference = ganzhi("catalogue", "diff", first["version"].partition("+")[2][:8], "now", "-w", home)
    assert "hall.short_waits" in difference.err
    assert "wait_s <= 600" in difference.out
    assert ganzhi("check", "-w", home).status == 0

    again = ganzhi("catalogue", "import", book, "--author", "ann", "--reason", "again", "-w", home)
    assert (again.status, "STO031" in again.err) == (3, True)


def test_a_workbook_that_cannot_be_taken_is_refused_by_cell(home: Path, book: Path, ganzhi: Program) -> None:
    opened = openpyxl.load_workbook(book)
    cell_of(opened, "indicators", "hall.visits", "feed").value = "visit"
    place = cell_of(opened, "indicators", "hall.visits", "feed").coordinate
    opened.save(book)
    said = ganzhi("catalogue", "import", book, "--author", "ann", "--reason", "r", "-w", home)
    assert said.status == 3
    assert f"CAT070 book.xlsx indicators!{place}" in said.err
    sheet_of(opened, "units").delete_rows(1, 2)
    opened.save(book)
    assert ganzhi("catalogue", "import", book, "--author", "ann", "--reason", "r", "-w", home).status == 3
    assert ganzhi("catalogue", "proposals", "-w", home, "--format", "json").json == []


def test_rejecting_and_asking_for_what_is_not_there(home: Path, book: Path, ganzhi: Program) -> None:
    made = ganzhi("catalogue", "import", book, "--author", "a", "--reason", "r", "-w", home, "--format", "json").json[0]
    assert "withdrawn" in ganzhi("catalogue", "reject", made["id"], "--by", "a", "--withdraw", "-w", home).err
    assert ganzhi("catalogue", "approve", made["id"], "--by", "b", "-w", home).status == 2
    assert ganzhi("catalogue", "show", "nothing", "-w", home).status == 2
    assert ganzhi("catalogue", "codes", "--system", "nothing", "-w", home).status == 2
    assert ganzhi("catalogue", "diff", "now", "nothing", "-w", home).status == 2


@pytest.mark.requirement("S000-049")
def test_a_list_is_compared_and_proposed(home: Path, tmp_path: Path, ganzhi: Program) -> None:
    path = tmp_path / "old.csv"
    path.write_text("编号,叫法\nA1,业务办理的成功率\nA2,业务受理差错率\n", encoding="gb18030")
    shown = ganzhi("catalogue", "import-list", path, "--column", "name=叫法", "-w", home, "--format", "json")
    assert [(row["verdict"], row["of"]) for row in shown.json] == [("duplicate", "hall.served_rate"), ("new", None)]
    said = ganzhi(
        "catalogue", "import-list", path, "--column", "name=叫法", "--author", "a", "--reason", "r", "-w", home
    )
    assert said.status == 0, said.err
    identity = ganzhi("catalogue", "proposals", "-w", home, "--format", "json").json[0]["id"]
    assert ganzhi("catalogue", "approve", identity, "--by", "b", "-w", home).status == 0
    assert ganzhi("catalogue", "import-list", path, "--author", "a", "-w", home).status == 2


@pytest.mark.requirement("S000-021", "S000-051")
def test_codes_report_what_is_mapped_and_what_is_not(home: Path, ganzhi: Program) -> None:
    said = ganzhi("catalogue", "codes", "--system", "etom", "-w", home, "--format", "json")
    assert [(row["code"], row["external"]) for row in said.json] == [("visit", "1.1.2.3")]
    assert "1 of 1" in said.err
    unmapped = ganzhi("catalogue", "codes", "--unmapped", "-w", home, "--format", "json").json
    assert {row["external"] for row in unmapped} == {None}


SAMPLE = """\
visit_id,arrived_at,hall,counter,wait_s,served
1,2026-11-02 09:00:00,001,1,200,true
2,2026-11-02 10:00:00,001,1,400,false
3,2026-11-03 09:00:00,002,2,100,true
4,2026-11-03 09:00:00,nowhere,2,100,true
"""


def test_an_indicator_is_tried_on_a_sample_and_nothing_remains(
    home: Path, book: Path, tmp_path: Path, ganzhi: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = tmp_path / "sample.csv"
    sample.write_text(SAMPLE, encoding="utf-8")
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))

    said = ganzhi("try", "hall.short_waits", "--feed", sample, "-w", home, "--format", "json")
    assert said.status == 1, said.err
    found = said.json[0]
    assert (found["loads"][0]["accepted"], found["loads"][0]["rejected"]) == (3, 1)
    days = [(d["period_start"][:10], d["numerator"], d["denominator"], d["n"]) for d in found["days"]]
    assert days == [("2026-11-02", 2, 2, 2), ("2026-11-03", 1, 1, 1)]
    assert [(t["value"], t["n"]) for t in found["totals"]] == [(100.0, 3)]
    assert found["records_total"] == 3

    said = ganzhi("catalogue", "import", book, "--author", "a", "--reason", "r", "-w", home, "--format", "json")
    identity = said.json[0]["id"]
    proposed = ganzhi(
        "try", "hall.short_waits", "--feed", sample, "--proposal", identity, "-w", home, "--format", "json"
    )
    assert round(proposed.json[0]["totals"][0]["value"], 1) == 66.7
    score = ganzhi("try", "hall.index", "--feed", f"visits={sample}", "-w", home)
    assert "hall.served_rate" in score.out
    assert "nothing was kept" in score.err
    assert list(folder.iterdir()) == []
    assert ganzhi("try", "hall.visits", "--feed", tmp_path / "no.csv", "-w", home).status == 3
    assert ganzhi("try", "hall.nothing", "--feed", sample, "-w", home).status == 2


def test_an_indicator_over_two_feeds_is_tried_with_a_file_for_each(home: Path, tmp_path: Path, ganzhi: Program) -> None:
    visits, counts = tmp_path / "visits.csv", tmp_path / "counts.csv"
    visits.write_text("\n".join(SAMPLE.splitlines()[:4]) + "\n", encoding="utf-8")
    counts.write_text(
        "hall,day,counted_at,customers\n"
        "001,2026-11-02,2026-11-02 00:00:00,600\n001,2026-11-03,2026-11-03 00:00:00,800\n"
        "002,2026-11-02,2026-11-02 00:00:00,400\n002,2026-11-03,2026-11-03 00:00:00,200\n",
        encoding="utf-8",
    )
    alone = ganzhi("try", "hall.visits_per_10k", "--feed", visits, "-w", home)
    assert (alone.status, "visits, customer_counts" in alone.err) == (2, True)
    options = ("--feed", f"visits={visits}", "--feed", f"customer_counts={counts}", "-w", home, "--format", "json")
    said = ganzhi("try", "hall.visits_per_10k", *options)
    assert said.status == 0, said.err
    assert [each["value"] for each in said.json[0]["days"]] == [20.0, 10.0]
    assert [each["value"] for each in said.json[0]["totals"]] == [30.0]
