"""The audit trail as a page: filters, paging, files, the state of its chain; nothing there changes it."""

from __future__ import annotations

import csv
import io
import re
import sqlite3

import pytest
from starlette.routing import Route

from tests.portal.accounts.house import House
from tests.portal.numbers import ZONE

ROW = re.compile(r'<tr><th scope="row">.*?</tr>', re.DOTALL)


def _numbers(text: str) -> list[int]:
    return [int(row.rsplit(">", 3)[1].split("<")[0].replace(",", "")) for row in ROW.findall(text)]


def test_pages_of_the_trail_put_together_are_the_trail(house: House) -> None:
    for n in range(120):
        house.store.audit.append("ben" if n % 3 else "<i>", "export", f"calls{n}", {"rows": n})
    ada = house.signed_in("ada")
    found: list[int] = []
    path: str | None = "/audit"
    while path:
        page = ada.see(path).text
        assert "<i>" not in page.split("<main")[1]
        found += _numbers(page)
        older = re.search(r'href="(/audit\?[^"]*before=\d+)"', page)
        path = older[1].replace("&amp;", "&") if older else None
    assert found == list(range(len(house.acts()), 0, -1))


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ("actor=ben", lambda e: e.actor == "ben"),
        ("act=account.add", lambda e: e.act == "account.add"),
        ("act=account", lambda e: e.act.startswith("account.")),
        ("subject=ben", lambda e: e.subject == "ben"),
        ("actor=test&act=account", lambda e: e.actor == "test" and e.act.startswith("account.")),
        ("since=1999-01-01", lambda e: True),
        ("until=1999-01-01", lambda e: False),
        ("actor=%27%20OR%201%3D1%20--", lambda e: False),
        ("act=%25", lambda e: False),
    ],
)
def test_filters_show_what_an_independent_look_finds(house: House, query: str, kept) -> None:  # type: ignore[no-untyped-def]
    house.signed_in("ben")
    ada = house.signed_in("ada")
    wanted = [entry.number for entry in house.store.audit.entries() if kept(entry)]
    assert _numbers(ada.see(f"/audit?{query}").text) == wanted[::-1]


def test_a_day_is_a_day_of_the_workspace_and_includes_its_end(house: House) -> None:
    house.clock.pass_time(days=3)
    house.store.audit.append("ben", "export", "calls")
    ada = house.signed_in("ada")
    day = house.clock.now().astimezone(ZONE).date()
    shown = _numbers(ada.see(f"/audit?since={day}&until={day}").text)
    assert shown == [len(house.acts()), len(house.acts()) - 1]
    for wrong in ("since=tomorrow", "until=2026-02-30", "since=20260101", "before=0", "before=x"):
        assert ada.see(f"/audit?{wrong}").status_code == 400


def test_a_file_holds_what_the_filters_show_and_is_an_entry_itself(house: House) -> None:
    house.store.audit.append("=cmd|x", "export", "@SUM(A1)", {"rows": 1})
    ada = house.signed_in("ada")
    before = len(house.acts())
    answer = ada.see("/audit.csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    numbers = [int(row[0]) for row in rows[1:] if row and row[0].isdigit()]
    assert numbers == list(range(before, 0, -1))
    assert any(row[2] == "'=cmd|x" and row[5] == "'@SUM(A1)" for row in rows[1 : before + 1])
    last = house.store.audit.entries()[-1]
    assert (last.actor, last.act, last.subject, last.detail["rows"]) == ("ada", "export", "audit", before)
    by_ada = [entry.number for entry in house.store.audit.entries() if entry.actor == "ada"]
    rows = ada.see("/audit.json?actor=ada").json()["tables"][0]["rows"]
    assert [row["number"] for row in rows] == by_ada[::-1]
    assert ada.see("/audit.xlsx").content[:2] == b"PK"


def test_the_page_says_when_the_chain_is_broken(house: House) -> None:
    ada = house.signed_in("ada")
    assert "holds on to the one before" in ada.see("/audit").text
    path = house.store.database.engine.url.database
    assert path
    with sqlite3.connect(path) as tampered:
        triggers = [name for (name,) in tampered.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            tampered.execute(f"DROP TRIGGER {name}")
        tampered.execute("UPDATE audit SET actor = 'nobody' WHERE number = 2")
    page = ada.see("/audit").text
    assert "Entry 2: its content was altered" in page
    assert "Broken" in ada.see("/audit?check=1&actor=ada").text


def test_nothing_on_these_pages_changes_the_trail(house: House) -> None:
    routes = [r for r in house.app.router.routes if isinstance(r, Route) and r.path.startswith("/audit")]
    assert routes
    assert all((route.methods or set()) <= {"GET", "HEAD"} for route in routes)
    ada = house.signed_in("ada")
    head = house.store.audit.head()
    for path in ("/audit", "/audit?check=1", "/audit?actor=x"):
        ada.see(path)
    assert house.store.audit.head() == head
