"""Pages of the dictionary: counts on links, tree without scripts, lineage, contract, difference, files."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest

from ganzhi.base.messages import LANGS
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from tests.portal.asking import Portal, Read
from tests.portal.fake_catalogue import NEW, OLD, WORKBOOK, bare_catalogue, ports_of
from tests.portal.fakes import FakeHouse


@pytest.fixture(scope="module")
def portal() -> Portal:
    return Portal()


def sheet(portal: Portal, address: str) -> list[dict[str, str]]:
    text = portal.ask(address, lang="en").text.lstrip("\ufeff").partition("\r\n\r\n")[0]
    return list(csv.DictReader(io.StringIO(text, newline="")))


def row_of(page: Read, begins: str) -> str:
    return next(row.text for row in page.all("tr") if row.text.startswith(begins))


def test_every_page_of_the_dictionary_leads_to_the_others(portal: Portal) -> None:
    every = {f"/dictionary{rest}" for rest in ("", "/tree", "/matrix", "/feeds", "/reports", "/frame", "/changes")}
    for address in every:
        assert every <= set(Read(portal.ask(address).text).links()), address
    assert "/dictionary/workbook.xlsx" in Read(portal.ask("/dictionary").text).links()


def test_the_workbook_to_edit_is_a_download(portal: Portal) -> None:
    answer = portal.ask("/dictionary/workbook.xlsx")
    assert answer.content == WORKBOOK
    assert answer.headers["content-disposition"] == 'attachment; filename="catalogue.xlsx"'


def test_filters_keep_each_other_and_the_search(portal: Portal) -> None:
    links = Read(portal.ask("/dictionary?layer=KQI&commercial_process=billing&q=a", lang="en").text).links()
    assert "/dictionary?layer=KQI&commercial_process=billing&state=live&q=a" in links
    assert "/dictionary?layer=KQI&q=a" in links
    for address in ("/dictionary?state=gone", "/dictionary?feed=nowhere", "/dictionary/tree?levels=7"):
        assert portal.ask(address).status_code == 400, address
    for address in ("/dictionary/feeds/nowhere", "/dictionary/reports/nowhere", "/dictionary/no.such"):
        assert portal.ask(address).status_code == 404 or "REQ" in portal.ask(address).text, address


@pytest.mark.requirement("S000-046")
def test_the_tree_unfolds_without_scripts_and_shows_weights_and_risks(portal: Portal) -> None:
    page = Read(portal.ask("/dictionary/tree?levels=3", lang="en").text)
    forest = next(element for element in page.all("ul") if element.attrs.get("class") == "forest")
    assert "Posted quickly weight 0.3 also supports Payment experience" in " ".join(forest.text.split())
    assert "Stuck risk, at most 8 points off" in " ".join(forest.text.split())
    folded = Read(portal.ask("/dictionary/tree", lang="en").text)
    opened = [d for d in page.all("details") if "open" in d.attrs]
    assert len(opened) == 3
    assert not [d for d in folded.all("details") if "open" in d.attrs]
    assert len([row for row in sheet(portal, "/dictionary/tree.csv") if row["Code"] == "pay.quick"]) == 2


@pytest.mark.requirement("S001-004")
def test_cells_of_the_matrix_lead_to_the_list_behind_them(portal: Portal) -> None:
    page = Read(portal.ask("/dictionary/matrix", lang="en").text)
    wanted = "/dictionary?layer=KQI&dimension=operation&commercial_process=billing"
    assert next(a.text for a in page.all("a") if a.attrs.get("href") == wanted) == "2"
    assert len(sheet(portal, wanted.replace("/dictionary?", "/dictionary.csv?"))) >= 2
    assert "weight 0.3, risk, at most 8 points off" in row_of(page, "Billing")


@pytest.mark.requirement("S002-001")
def test_an_entry_leads_down_to_the_columns_of_the_source_system(portal: Portal) -> None:
    page = Read(portal.ask("/dictionary/pay.quick", lang="en").text)
    row = next(row.text for row in page.all("tr") if "post_s" in row.text)
    assert "date_diff('second', paid_at, posted_at)" in row
    assert "pay_log column done" in row
    assert {"/dictionary/feeds/payments", "/dictionary/feeds/payments#c-post_s"} <= set(page.links())
    lines = sheet(portal, "/dictionary/pay.quick.csv")
    assert ("channel", "way") in {(line["Column"], line["Source column or expression"]) for line in lines}


@pytest.mark.requirement("S001-008")
@pytest.mark.requirement("S000-129")
@pytest.mark.requirement("S003-001")
def test_an_entry_shows_agreements_secured_perception_and_where_weights_come_from(portal: Portal) -> None:
    text = re.sub(
        r"\s+", " ", " ".join(e.text for e in Read(portal.ask("/dictionary/pay.quick", lang="en").text).all("main"))
    )
    assert "Secures the perception level of Content" in text
    assert "Bank posting" in text
    assert "90% / 95% / 99%" in text
    assert "weight 0.3 · survey, 1 Mar 2026, n = 812" in text
    assert "no interface" in text


@pytest.mark.requirement("S002-001")
def test_a_feed_shows_its_contract_and_what_it_gives(portal: Portal) -> None:
    page = Read(portal.ask("/dictionary/feeds/payments", lang="en").text)
    assert "personal" in row_of(page, "Phone")
    assert "hall" in row_of(page, "Channel")
    assert "pay_log_{shard}_{yyyymmdd}.txt" in portal.ask("/dictionary/feeds/payments").text
    assert "/dictionary/pay.quick" in page.links()


@pytest.mark.requirement("S004-001")
def test_a_report_shows_its_five_headings(portal: Portal) -> None:
    page = Read(portal.ask("/dictionary/reports/std.payments", lang="en").text)
    text = " ".join(element.text for element in page.all("main"))
    for said in ("See payments", "Shows posting", "Accounting", "Definition of Posted quickly", "table, trend"):
        assert said in text


def test_the_difference_of_two_versions_shows_old_and_new(portal: Portal) -> None:
    address = f"/dictionary/changes?a={OLD.replace('+', '%2B')}&b={NEW.replace('+', '%2B')}"
    page = Read(portal.ask(address, lang="en").text)
    row = row_of(page, "Posted quickly")
    assert "targets.management.target: 95 → 99" in " ".join(row.split())
    assert "changes judgement" in row
    listed = sheet(portal, address.replace("/changes?", "/changes.csv?"))
    assert ("pay.copy", "removed") in {(line["Code"], line["Change"]) for line in listed}
    assert portal.ask("/dictionary/changes?a=x&b=y").status_code in (400, 404)


@pytest.mark.parametrize("lang", LANGS)
def test_pages_say_so_when_nothing_is_declared(lang: str) -> None:
    portal = Portal()
    portal.app = create_app(Door.open_to(replace(FakeHouse().context(), catalogue=ports_of(bare_catalogue(), "empty"))))
    for name in ("tree", "matrix", "feeds", "reports", "frame", "changes"):
        answer = portal.ask(f"/dictionary/{name}", lang=lang)
        assert answer.status_code == 200, name
        assert Read(answer.text).faults == []
