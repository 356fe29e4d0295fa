"""A catalogue goes into a workbook and comes back: unchanged, changed as meant, or refused by cell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ganzhi.base.errors import InputError, Location
from ganzhi.base.messages import catalogue as messages
from ganzhi.base.messages import render
from ganzhi.catalogue.entries import data_of
from ganzhi.catalogue.exchange.cells import cell_of as to_cell
from ganzhi.catalogue.exchange.cells import node_of
from ganzhi.catalogue.exchange.read import read_book
from ganzhi.catalogue.exchange.shapes import SheetField, shapes
from ganzhi.catalogue.exchange.write import sheet_title, workbook
from ganzhi.catalogue.load import load_with_issues
from ganzhi.catalogue.model.whole import KINDS, Catalogue
from tests.catalogue.exchange.conftest import AT, Edited, cell_of, sheet_of, take

HERE = Location("book.xlsx sheet!B3")


def test_a_workbook_that_nobody_touched_changes_nothing(edited: Edited, small: Catalogue) -> None:
    book = read_book(edited())
    assert book.version == small.version
    assert not book.notes
    assert not take(edited(), small).change


def test_a_workbook_saved_by_another_program_changes_nothing(edited: Edited, small: Catalogue) -> None:
    assert not take(edited(lambda book: None), small).change


def test_the_pack_that_ships_comes_back_unchanged(tmp_path: Path) -> None:
    found, _ = load_with_issues("telecom", None)
    if found is None:
        pytest.skip("the pack has errors, which its own tests report")
    path = tmp_path / "pack.xlsx"
    path.write_bytes(workbook(found, AT))
    assert not take(path, found).change


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"), max_size=40)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_every_text_survives_its_cell(text: str) -> None:
    field = SheetField(("owner",), "text")
    cell = to_cell(field, {"owner": text}, {"owner": text})
    node = node_of(field, cell, HERE)
    assert (data_of(node) if node is not None else "") == text


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS.filter(bool), min_size=1, max_size=4), st.booleans())
def test_every_list_survives_its_cell(items: list[str], codes: bool) -> None:
    field = SheetField(("tables",), "list", is_code=codes)
    node = node_of(field, to_cell(field, {"tables": items}, {}), HERE)
    assert node is not None
    assert data_of(node) == items


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=TEXTS.map(str.strip).filter(bool), floor=st.integers(-(10**9), 10**9), weight=st.integers(1, 10**6))
def test_what_was_edited_comes_back_as_it_was_written(
    edited: Edited, small: Catalogue, name: str, floor: int, weight: int
) -> None:
    """The round-trip law with other contents: export, import, export again, import again."""
    old = small.indicators["hall.served_rate"]
    limits = {"floor": floor, "target": floor + 1, "challenge": floor + 2}
    data = old.model_dump(mode="json", exclude_defaults=True)
    data |= {"owner": {"zh": name, "en": name}, "targets": {"management": limits}}
    data["supports"][0]["weight"] = weight / 1000
    new = type(old).model_validate(data)
    changed = replace(small, indicators={**small.indicators, "hall.served_rate": new})
    path = edited()
    path.write_bytes(workbook(changed, AT))
    assert not take(path, changed).change
    assert take(path, small).change.put == ({"indicators": {"hall.served_rate": new}} if new != old else {})


def test_edits_arrive_field_by_field(edited: Edited, small: Catalogue) -> None:
    def edit(book: Any) -> None:
        cell_of(book, "indicators", "hall.served_rate", "targets.management.target").value = "92.5"
        cell_of(book, "indicators", "hall.served_rate", "by").value = "counter, weekday"
        cell_of(book, "indicators", "hall.short_waits", "state").value = "PLANNED"
        cell_of(book, "indicators.supports", "hall.served_rate", "weight").value = 0.7
        cell_of(book, "processes", "visit", "codes").value = "etom：1.2.3"

    put = take(edited(edit), small).change.put
    served, waits = put["indicators"]["hall.served_rate"], put["indicators"]["hall.short_waits"]
    assert str(served.targets.management.target) == "92.5"  # type: ignore[attr-defined]
    assert served.by == ("counter", "weekday")  # type: ignore[attr-defined]
    assert str(served.supports[0].weight) == "0.7"  # type: ignore[attr-defined]
    assert waits.state == "planned"  # type: ignore[attr-defined]
    assert put["processes"]["visit"].codes == {"etom": "1.2.3"}  # type: ignore[attr-defined]


def test_columns_may_be_moved_and_sheets_and_main_columns_left_out(edited: Edited, small: Catalogue) -> None:
    def edit(book: Any) -> None:
        page = sheet_of(book, "indicators")
        rows = [list(row) for row in page.iter_rows(values_only=True)]
        keep = [n for n, head in enumerate(rows[1]) if head != "codes"]
        page.delete_rows(1, page.max_row)
        for row in rows:
            page.append([row[n] for n in reversed(keep)])
            page.append([])
        for title in list(book.sheetnames):
            if title.split()[-1] in ("processes", "feeds.columns", "units"):
                del book[title]

    assert not take(edited(edit), small).change


def test_headings_in_words_do_as_well_as_technical_ones(edited: Edited, small: Catalogue) -> None:
    assert not take(edited(lambda book: sheet_of(book, "indicators").delete_rows(2)), small).change


def test_codes_that_became_numbers_are_known_again(edited: Edited, small: Catalogue) -> None:
    def edit(book: Any) -> None:
        cell_of(book, "units", "001", "code").value = 1

    assert not take(edited(edit), small).change


def test_a_row_that_is_gone_retires_an_indicator_and_drops_another_entry(edited: Edited, small: Catalogue) -> None:
    def edit(book: Any) -> None:
        for sheet, code in (("indicators", "hall.visits"), ("shortfalls", "long_queues")):
            sheet_of(book, sheet).delete_rows(cell_of(book, sheet, code, "code").row)

    change = take(edited(edit), small).change
    assert change.drop == {"shortfalls": ("long_queues",)}
    assert change.put["indicators"]["hall.visits"].retired  # type: ignore[attr-defined]


FAULTS = [
    ("indicators", "hall.visits", "decimals", "many", "CAT122"),
    ("indicators", "hall.visits", "origin.item", date(2026, 1, 2), "CAT123"),
    ("indicators.supports", "hall.short_waits", "derived", "soon", "CAT124"),
    ("indicators", "hall.visits", "count", "{where: [", "CAT125"),
    ("processes", "visit", "codes", "no colon", "CAT125"),
    ("indicators", "hall.visits", "code", None, "CAT132"),
    ("indicators", "hall.visits", "code", "hall.index", "CAT131"),
    ("indicators", "hall.visits", "decimals", "=1+1", "CAT133"),
    ("processes.steps", "visit", "inputs.en", "Customer", "CAT134"),
    ("indicators.supports", "hall.short_waits", "entry", "hall.nothing", "CAT135"),
    ("indicators", "hall.visits", "layer", "KQ", "CAT024"),
    ("indicators", "hall.visits", "name.en", None, "CAT023"),
]


@pytest.mark.parametrize(("sheet", "code", "field", "value", "issue"), FAULTS)
def test_a_bad_cell_is_named_with_file_sheet_and_cell(
    edited: Edited, small: Catalogue, sheet: str, code: str, field: str, value: object, issue: str
) -> None:
    places = []

    def edit(book: Any) -> None:
        cell = cell_of(book, sheet, code, field)
        cell.value = value
        places.append(f"edited.xlsx {sheet}!{cell.coordinate}")

    with pytest.raises(InputError) as caught:
        take(edited(edit), small)
    found = [each for each in caught.value.issues if each.code == issue]
    assert found, [render("en", each) for each in caught.value.issues]
    if field not in ("name.en", "inputs.en"):
        assert str(found[0].at) == places[0]
    assert str(found[0].at).startswith(f"edited.xlsx {sheet}!")


def _headings(book: Any) -> None:
    page = sheet_of(book, "indicators.supports")
    page.cell(2, 3).value = page.cell(1, 3).value = "parent"


@pytest.mark.parametrize(
    ("edit", "issues"),
    [
        (lambda book: sheet_of(book, "units").delete_rows(1, 2), {"CAT127"}),
        (lambda book: sheet_of(book, "indicators.supports").delete_cols(3), {"CAT128"}),
        (_headings, {"CAT128", "CAT130"}),
    ],
)
def test_headings_that_do_not_tell_are_refused(edited: Edited, edit: Any, issues: set[str]) -> None:
    with pytest.raises(InputError) as caught:
        read_book(edited(edit))
    assert {each.code for each in caught.value.issues} == issues


def test_what_is_not_ours_is_noted_and_not_read(edited: Edited, small: Catalogue) -> None:
    def edit(book: Any) -> None:
        book.create_sheet("mine").append(["a"])
        sheet_of(book, "units").cell(2, 20).value = "remark"

    reading = take(edited(edit), small)
    assert not reading.change
    assert sorted(each.code for each in reading.notes) == ["CAT126", "CAT129"]


@pytest.mark.parametrize("data", [b"", b"no workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(data)
    with pytest.raises(InputError) as caught:
        read_book(path)
    assert [each.code for each in caught.value.issues] == ["CAT121"]


def test_no_cell_is_a_formula_and_numbers_are_numbers(edited: Edited) -> None:
    book = openpyxl.load_workbook(edited())
    kinds = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert "f" not in kinds
    assert cell_of(book, "indicators", "hall.served_rate", "definition.zh").value.startswith("'=")
    assert cell_of(book, "indicators", "hall.served_rate", "targets.management.challenge").value == 95.5
    assert sheet_of(book, "indicators").freeze_panes == "B3"
    choices = [rule.formula1 for rule in sheet_of(book, "indicators").data_validations.dataValidation]
    assert '"KEI,KQI,KPI,PI"' in choices


def test_every_sheet_and_field_is_worded_and_every_kind_has_its_sheet() -> None:
    known = messages("zh")
    fields = {step for shape in shapes() for field in shape.columns for step in field.path}
    assert not [name for name in fields if f"sheet.field.{name}" not in known]
    titles = [sheet_title(shape) for shape in shapes()]
    assert max(map(len, titles)) <= 31
    assert len(set(titles)) == len(titles)
    assert {shape.kind for shape in shapes() if not shape.field} == {kind for kind, _ in KINDS}
