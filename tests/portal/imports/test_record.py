"""One record: everything in it, masked; what it counts in; its neighbours; and a value in full for a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from ganzhi.measure.refresh import refresh
from tests.portal.imports.conftest import TOKEN, Port, commit, new_port, send
from tests.whole.organisation import viewer

ANALYST, HANDLER = viewer("analyst"), viewer("handler")
LIST = "/records/calls?indicator=hotline.answer_rate&period=1999-01"


def _links(page: str) -> list[str]:
    found = re.findall(r'href="(/records/calls/[^"]+)"', page)
    return list(dict.fromkeys(map(unescape, found)))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, bank_lines: tuple[str, ...]) -> Iterator[Port]:
    """What tests only look at."""
    port = new_port(tmp_path_factory.mktemp("records") / "w", bank_lines)
    yield _filled(port)
    port.workspace.close()


def _filled(port: Port) -> Port:
    client = port.as_(ANALYST)
    rows = [row for unit in ("QAA-K1", "QBB-K1") for row in port.rows_of(unit, 0, 40)]
    commit(client, send(client, "calls.txt", port.file(*rows)).headers["location"])
    refresh(port.workspace.workplace)
    return port


def _unmasked(port: Port) -> int:
    """How often somebody was shown a value in full."""
    return [act for _, act in port.acts()].count("unmask")


def _customer(port: Port, line: int) -> str:
    """The customer's number in a line of the file, read from the real data."""
    rows = [row for unit in ("QAA-K1", "QBB-K1") for row in port.rows_of(unit, 0, 40)]
    return rows[line - 2].split("\t")[2]


@pytest.mark.requirement("S002-115")
def test_each_row_of_a_list_opens_its_record_and_its_neighbours_are_those_of_the_list(filled: Port) -> None:
    client = filled.as_(ANALYST)
    rows = _links(client.get(f"{LIST}&show=all").text)
    assert len(rows) > 10
    for place in (0, 4, len(rows) - 1):
        page = client.get(rows[place])
        assert page.status_code == 200
        assert page.headers["cache-control"] == "no-store"
        before = re.search(r'href="([^"]+)" rel="prev"', page.text)
        after = re.search(r'href="([^"]+)" rel="next"', page.text)
        assert (unescape(before[1]) if before else None) == (rows[place - 1] if place else None)
        assert (unescape(after[1]) if after else None) == (rows[place + 1] if place + 1 < len(rows) else None)


@pytest.mark.requirement("S002-115")
def test_what_a_record_counts_in_is_what_finds_it(filled: Port) -> None:
    """Every indicator named on the page lists the record as the part it is said to be, and no other does."""
    client = filled.as_(ANALYST)
    from ganzhi.access.rights import LOCAL
    from ganzhi.base.periods import parse_period
    from ganzhi.compile.plan import plan_feed
    from ganzhi.measure.build.records import parts_of
    from ganzhi.measure.build.rows.record import record_page
    from ganzhi.measure.build.scope import Reader
    from ganzhi.measure.open import open_states
    from ganzhi.measure.records import RecordsRequest, records

    place = filled.workspace.workplace
    load, line = _links(client.get(LIST).text)[3].split("?")[0].rsplit("/", 2)[1:]
    month = parse_period("1999-01", place.zone)
    with open_states(place) as states:
        reader = Reader(place, states, LOCAL)
        counted = {each.code: set(each.parts) for each in record_page(reader, "calls", load, line).counted}
        assert len(counted) > 5
        for code in plan_feed(place.catalogue, "calls").formulas:
            parts = parts_of(place.catalogue, code)
            listed = set()
            for part in parts[1:] or parts:
                found = records(place, states, RecordsRequest(code, "all", month, part, limit=5_000, stale="show"))
                if any((row.load, row.line) == (load, int(line)) for row in found.records):
                    listed.add(part)
            assert counted.get(code, set()) == listed, code


@pytest.mark.requirement("S002-112", "S002-115")
def test_a_record_out_of_reach_is_answered_like_one_that_is_not_there(filled: Port) -> None:
    every, county = filled.as_(ANALYST), filled.as_(viewer("analyst", "QAA-K1"))
    mine, theirs = [], []
    for link in _links(every.get(f"{LIST}&show=all").text):
        if min(len(mine), len(theirs)) > 3:
            break
        unit = re.search(r"QAA-K1|QBB-K1", every.get(link).text)
        (mine if unit and unit[0] == "QAA-K1" else theirs).append(link.split("?")[0])
    assert len(mine) > 3
    assert len(theirs) > 3
    assert county.get(mine[0]).status_code == 200
    load = theirs[0].split("/")[3]
    hostile = (
        theirs[0],
        f"/records/calls/{load}/999999",
        f"/records/calls/{load}/0",
        f"/records/calls/{load}/-1",
        f"/records/calls/{load}/{2**63}",
        f"/records/calls/{load}/1e3",
        f"/records/calls/{load}/１２",
        "/records/calls/nothing/2",
        f"/records/calls/{load}'%20or%201=1/2",
    )
    told, unmasked = [], _unmasked(filled)
    for address in hostile:
        for method, more in (("get", {}), ("post", {"data": {"csrf": TOKEN, "column": "*", "reason": "why not"}})):
            answer = getattr(filled.as_(viewer("handler", "QAA-K1")) if method == "post" else county, method)(
                address, **more
            )
            assert answer.status_code == 404, (address, method)
        told.append(county.get(address).text)
    first = told[0].replace(theirs[0].rsplit("/", 1)[1], "LINE")
    second = told[1].replace("999999", "LINE")
    assert first == second
    assert _unmasked(filled) == unmasked


@pytest.mark.requirement("S002-115")
def test_a_masked_value_is_shown_once_for_a_reason_that_stands_in_the_trail_without_the_value(filled: Port) -> None:
    client = filled.as_(HANDLER)
    links = _links(client.get(f"{LIST}&show=all").text)
    link = next(each for each in links if _customer(filled, int(each.split("?")[0].rsplit("/", 1)[1])) != "0")
    value = _customer(filled, int(link.split("?")[0].rsplit("/", 1)[1]))
    page = client.get(link)
    assert page.status_code == 200
    assert 'name="reason"' in page.text
    assert value not in page.text

    unmasked = _unmasked(filled)
    asked = {"csrf": TOKEN, "column": "customer_id", "reason": "复核投诉 TS-1"}
    for wrong, code in (
        ({"reason": "why"}, "REC002"),
        ({"reason": "    "}, "REC002"),
        ({"reason": "x" * 900}, "REC002"),
    ):
        refused = client.post(link, data={**asked, **wrong})
        assert refused.status_code == 400
        assert code in refused.text
        assert value not in refused.text
    telling = client.post(link, data={**asked, "reason": f"customer {value[:3]} {value[3:]} rang"})
    assert telling.status_code == 400
    assert "REC003" in telling.text
    assert value not in telling.text
    assert client.post(link, data={**asked, "column": "outcome"}).status_code == 400
    assert client.post(link, data={k: v for k, v in asked.items() if k != "csrf"}).status_code == 403
    assert _unmasked(filled) == unmasked

    shown = client.post(link, data=asked)
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert "etag" not in shown.headers
    assert value in shown.text
    assert value not in client.get(link).text
    trail = filled.workspace.workplace.store.audit
    assert _unmasked(filled) == unmasked + 1
    entry = [each for each in trail.entries() if each.act == "unmask"][-1]
    assert (entry.actor, entry.subject) == (HANDLER.login, "calls")
    assert entry.detail["reason"] == "复核投诉 TS-1"
    assert entry.detail["columns"] == ["customer_id"]
    assert value not in repr(entry)
    assert trail.verify() == []


@pytest.mark.parametrize("role", ["analyst", "leader", "administrator", "owner", "manager"])
def test_nobody_else_sees_more_than_the_mask(filled: Port, role: str) -> None:
    link = _links(filled.as_(ANALYST).get(LIST).text)[0]
    client, unmasked = filled.as_(viewer(role)), _unmasked(filled)  # type: ignore[arg-type]
    answer = client.post(link, data={"csrf": TOKEN, "column": "customer_id", "reason": "curious about it"})
    assert answer.status_code == 403
    assert _unmasked(filled) == unmasked
    page = client.get(link)
    assert (page.status_code == 200) == (role == "analyst")
    assert 'name="reason"' not in page.text


@pytest.mark.requirement("S002-115")
def test_nothing_is_shown_when_the_trail_cannot_be_written(filled: Port, monkeypatch: pytest.MonkeyPatch) -> None:
    client = filled.as_(HANDLER)
    link = next(
        each
        for each in _links(client.get(f"{LIST}&show=all").text)
        if _customer(filled, int(each.split("?")[0].rsplit("/", 1)[1])) != "0"
    )
    value = _customer(filled, int(link.split("?")[0].rsplit("/", 1)[1]))

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(type(filled.workspace.workplace.store.audit), "append", full)
    answer = client.post(link, data={"csrf": TOKEN, "column": "*", "reason": "a good reason"})
    assert answer.status_code == 500
    assert value not in answer.text


@pytest.mark.requirement("S002-115")
def test_all_shows_up_to_five_hundred_and_the_columns_that_were_chosen(filled: Port) -> None:
    client = filled.as_(ANALYST)
    whole = client.get(f"{LIST}&show=all&cols=call_id,outcome")
    assert whole.status_code == 200
    shown = len(_links(whole.text))
    assert shown > 50
    head = re.search(r"<thead>(.*?)</thead>", whole.text, re.DOTALL)
    assert head
    assert head[1].count("<th ") == 2
    paged = client.get(f"{LIST}&cols=call_id,outcome")
    assert len(_links(paged.text)) == 50
    assert "show=all" in paged.text
    assert client.get(f"{LIST}&show=everything").status_code == 400


def test_a_record_that_was_replaced_says_so_where_a_number_still_rests_on_it(port: Port) -> None:
    filled = _filled(port)
    client = filled.as_(ANALYST)
    link = _links(client.get(LIST).text)[0]
    line = int(link.split("?")[0].rsplit("/", 1)[1])
    rows = [row for unit in ("QAA-K1", "QBB-K1") for row in filled.rows_of(unit, 0, 40)]
    cells = rows[line - 2].split("\t")
    cells[4] = "NW" if cells[4] != "NW" else "PS"
    commit(client, send(client, "changed.txt", filled.file("\t".join(cells))).headers["location"])
    assert "has replaced this record" in client.get(f"{link}&lang=en").text
    refresh(filled.workspace.workplace)
    assert client.get(link).status_code == 404
