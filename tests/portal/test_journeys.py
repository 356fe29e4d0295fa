"""Pages of the journeys: groupings, filters, lanes, candidates, gaps, the selection's picture and their files."""

from __future__ import annotations

import csv
import io
import re
from itertools import combinations

import pytest

from ganzhi.base.messages import LANGS
from ganzhi.portal.charts.scatter import Scatter, ScatterPoint, scatter
from ganzhi.portal.charts.svg import Box, text_width
from tests.portal.asking import Portal, Read
from tests.portal.fake_journeys import journeys
from tests.portal.fakes import FakeHouse


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal()


def texts(portal: Portal, address: str, *names: str, lang: str = "en") -> list[str]:
    return [element.text.strip() for element in Read(portal.ask(address, lang=lang).text).all(*names)]


def sheet(portal: Portal, address: str) -> list[dict[str, str]]:
    text = portal.ask(address, lang="en").text.lstrip("\ufeff").partition("\r\n\r\n")[0]
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.requirement("S000-002")
@pytest.mark.requirement("S000-031")
def test_the_frame_counts_gaps_and_links_every_process(portal: Portal) -> None:
    page = Read(portal.ask("/journeys", lang="en").text)
    head = next(page.all("h1")).text
    assert head == "4 processes, 3 touchpoints, 33.3% of perception pairs covered; 3 processes without an indicator"
    assert {"/journeys/pay", "/journeys/bill", "/journeys/resume", "/journeys/cards"} <= set(page.links())
    assert "/dictionary/lost" in page.links()


def test_filters_are_menus_of_links_that_keep_each_other(portal: Portal) -> None:
    links = Read(portal.ask("/journeys?view=chain&stage=service", lang="en").text).links()
    assert "/journeys?view=chain&stage=service&state=designed" in links
    assert "/journeys?view=chain" in links  # clears the filters, keeps the grouping
    assert "/journeys?stage=service" in links  # back to the first grouping


def test_an_unknown_filter_value_is_refused_with_its_parameter(portal: Portal) -> None:
    for address in ("/journeys?view=pie", "/journeys?stage=nowhere", "/journeys/touchpoints?class=x"):
        answer = portal.ask(address, lang="en")
        assert answer.status_code == 400, address
        assert re.search(r"Parameter.{0,3}(view|stage|class)", answer.text), address
    assert portal.ask("/journeys/nowhere").status_code == 404
    assert portal.ask("/journeys/derivation?process=nowhere").status_code == 400


@pytest.mark.requirement("S001-095")
def test_activities_show_their_weight_and_where_it_comes_from(portal: Portal) -> None:
    assert "weight 25.0% (survey, n = 812, 1 Mar 2026)" in portal.ask("/journeys?view=customer", lang="en").text


@pytest.mark.requirement("S000-028")
@pytest.mark.requirement("S000-039")
def test_steps_stand_in_two_lanes_with_function_tables_system_and_limit(portal: Portal) -> None:
    page = Read(portal.ask("/journeys/pay", lang="en").text)
    rows = [row.text for row in page.all("tr") if "Post" in row.text and "acct_log_nnn" in row.text]
    assert len(rows) == 1
    assert "Billing system" in rows[0]
    assert "90 s" in rows[0]
    heads = [head.text for head in page.all("th")]
    assert heads.index("Front stage") < heads.index("Back stage")


@pytest.mark.requirement("S000-012")
def test_a_state_machine_names_what_leads_where(portal: Portal) -> None:
    page = Read(portal.ask("/journeys/resume", lang="en").text)
    row = next(row.text for row in page.all("tr") if row.text.startswith("Active"))
    assert "falls into arrears" in row
    assert "not allowed" in row


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.requirement("S000-042")
def test_an_open_pair_shows_its_candidate(portal: Portal, lang: str) -> None:
    text = portal.ask("/journeys/touchpoints?cover=open", lang=lang).text
    assert "pay.invoice.accuracy" in text
    assert {"zh": "发票的准确感知", "en": "Invoice: perceived accuracy"}[lang] in text


@pytest.mark.requirement("S000-034")
def test_a_cell_of_the_matrix_opens_the_touchpoint_on_its_process(portal: Portal) -> None:
    page = Read(portal.ask("/journeys/touchpoints", lang="en").text)
    target = next(link for link in page.links() if link.startswith("/journeys/pay#"))
    opened = Read(portal.ask(target.partition("#")[0], lang="en").text)
    assert target.partition("#")[2] in {element.attrs.get("id") for element in opened.elements}


@pytest.mark.requirement("S000-043")
def test_the_derivation_shows_four_steps_with_progress_and_every_gap_linked(portal: Portal) -> None:
    page = Read(portal.ask("/journeys/derivation?process=pay", lang="en").text)
    ids = [element.attrs["id"] for element in page.all("section") if "id" in element.attrs]
    assert ids == ["step-framework", "step-touchpoints", "step-indicators", "step-layers"]
    assert "/dictionary/pay.empty" in page.links()
    assert "the bank does not give it" in portal.ask("/journeys/derivation?process=pay", lang="en").text


@pytest.mark.requirement("S000-023")
def test_the_selection_draws_every_process_and_marks_the_chosen(portal: Portal) -> None:
    page = Read(portal.ask("/journeys/selection", lang="en").text)
    pictures = [svg for svg in page.all("svg") if svg.attrs.get("role") == "img"]
    assert len(pictures) == 2  # wide and narrow
    assert "chosen: Payment" in pictures[0].attrs["aria-label"]
    assert all(name in pictures[0].text for name in ("Payment", "Resume", "Billing run", "Card making"))
    assert "highest" in next(row.text for row in page.all("tr") if row.text.startswith("Payment"))


def test_a_count_of_the_selection_opens_the_records_of_its_process_and_period(portal: Portal) -> None:
    page = Read(portal.ask("/journeys/selection", lang="en").text)
    counts = {a.attrs["href"]: a.text for a in page.all("a") if a.attrs["href"].startswith("/records/")}
    assert counts["/records/calls?indicator=lost&period=1999-W03&d.process=pay"] == "412"


def test_without_pressure_nothing_is_drawn_or_ranked_and_the_page_says_why() -> None:
    class Quiet(FakeHouse):
        def context(self):  # type: ignore[no-untyped-def]
            from dataclasses import replace

            made = super().context()
            return replace(made, journeys=journeys("full", self._scope, self._named, pressed=False))

    answer = Portal(Quiet()).ask("/journeys/selection", lang="en")
    page = Read(answer.text)
    assert not [svg for svg in page.all("svg") if svg.attrs.get("role") == "img"]
    assert "problem pressure is unknown and nothing is ranked" in answer.text
    assert "/indicators/lost?period=1999-W03" in page.links()


def test_nothing_worked_out_says_so_and_shows_no_empty_table() -> None:
    empty = Portal(FakeHouse("empty"))
    assert "not worked out yet" in empty.ask("/journeys/pay", lang="en").text
    assert "declares no key-process selection" in empty.ask("/journeys/selection", lang="en").text
    assert "No touchpoint passes" in empty.ask("/journeys/touchpoints", lang="en").text
    for address in ("/journeys/touchpoints", "/journeys/selection"):
        assert list(Read(empty.ask(address).text).all("tbody")) == []


@pytest.mark.requirement("S000-021")
def test_processes_are_exported_with_their_external_codes(portal: Portal) -> None:
    rows = sheet(portal, "/journeys.csv")
    assert [row["Process code"] for row in rows] == ["cards", "pay", "bill", "resume"]
    assert {row["Process code"]: row["External codes"] for row in rows}["pay"] == "etom 1.4.6"
    assert rows[1]["Live indicators"] == "4"


@pytest.mark.requirement("S000-034")
def test_pairs_are_exported_with_their_candidates_in_both_languages(portal: Portal) -> None:
    rows = sheet(portal, "/journeys/touchpoints.csv?cover=open")
    assert [row["Suggested code"] for row in rows] == ["pay.counter.trust", "pay.invoice.accuracy"]
    assert (rows[1]["Suggested name (Chinese)"], rows[1]["Layer"]) == ("发票的准确感知", "KQI")


def test_files_hold_every_sheet(portal: Portal) -> None:
    wanted = {
        "/journeys": ["processes", "groups", "gaps"],
        "/journeys/touchpoints": ["pairs", "touchpoints", "attributes"],
        "/journeys/derivation": ["gaps", "checks"],
        "/journeys/selection": ["processes", "priorities", "shortfalls"],
        "/journeys/pay": ["steps", "pairs", "indicators"],
    }
    for address, sheets in wanted.items():
        tables = portal.ask(f"{address}.json").json()["tables"]
        assert [table["id"] for table in tables] == sheets
        assert all(table["rows"] for table in tables if table["id"] != "gaps"), address


def test_labels_of_the_picture_keep_clear_of_each_other_and_of_points() -> None:
    points = tuple(ScatterPoint(f"过程{n}", (n % 9) / 9, (n % 7) / 7, n < 5, "") for n in range(40))
    chart = Scatter("s", points, 0.3, "重要", "压力", ("a", "b", "c", "d"))
    for width in (1000, 340):
        drawn = str(scatter(chart, width, 420))
        boxes = []
        for text in Read(drawn).all("text"):
            x, y, anchor = float(text.attrs["x"]), float(text.attrs["y"]), text.attrs.get("text-anchor")
            wide = text_width(text.text, 12)
            left = x - (wide if anchor == "end" else wide / 2 if anchor == "middle" else 0)
            boxes.append(Box(left, y - 11, left + wide, y + 3))
        assert len(boxes) > 10
        assert not any(a.meets(b) for a, b in combinations(boxes, 2))
        assert all(f">过程{n}<" in drawn for n in range(5)), "chosen ones are named first"
