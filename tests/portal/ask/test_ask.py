"""The pages of free questions on a real workspace: way down, files, saving, sharing, rights, attacks."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn

from ganzhi.access.rights import LOCAL, Viewer
from ganzhi.catalogue.model.parts import Text
from ganzhi.measure.build.ask.running import Running
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from ganzhi.wiring import Workspace
from tests.measure.ask.test_cost import SLOW
from tests.measure.bank import Call
from tests.portal.ask.conftest import SPAN, Client, unit_of
from tests.portal.asking import Read
from tests.whole.organisation import forbidden, viewer

Of = Callable[[Viewer], Client]
GROUPS = f"/query?mode=records&feed=calls&g=call_type&m=wait_s&{SPAN}"
ATTACK = "'\"><script>alert(1)</script>--{{7*7}}"


def counts(page: Read) -> list[tuple[str, int]]:
    """Links whose text is a count, with the count."""
    found = []
    for element in page.all("a"):
        text = element.text.strip().replace(",", "")
        if text.isdigit() and element.attrs["href"].startswith("/query?"):
            found.append((element.attrs["href"], int(text)))
    return found


@pytest.mark.requirement("S004-015")
def test_the_count_of_a_group_is_the_number_of_rows_behind_it(browser_of: Of, asked_calls: tuple[Call, ...]) -> None:
    me = browser_of(LOCAL)
    found = counts(me.page(GROUPS))
    expected = Counter(call.call_type for call in asked_calls)
    assert [count for _, count in found] == [len(asked_calls), *sorted(expected.values(), reverse=True)]
    for link, count in found[1:4]:
        assert len(me.table(link)) == count


@pytest.mark.requirement("S004-015")
def test_a_number_opens_the_records_it_counts(browser_of: Of) -> None:
    me = browser_of(LOCAL)
    page = me.page(f"/query?i=hotline.abandoned&by=call_type&units=below&grain=day&{SPAN}")
    links = [a.attrs["href"] for a in page.all("a") if a.attrs.get("href", "").startswith("/records/calls?")]
    rows = me.table(f"/query?i=hotline.abandoned&by=call_type&units=below&grain=day&{SPAN}")
    numbers = {(row["unit_code"], row["period"], row["d.call_type"]): row["numerator"] for row in rows}
    assert len(set(links)) == sum(1 for n in numbers.values() if n)
    for link in list(dict.fromkeys(links))[:3]:
        asked = dict(re.findall(r"[?&](region|period|d\.call_type)=([^&]*)", link))
        key = (asked["region"], asked["period"], asked["d.call_type"])
        assert len(me.table(link)) == numbers[key]


@pytest.mark.requirement("S004-015")
@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("mode", ["groups", "rows", "numbers"])
def test_every_answer_can_be_taken_with_what_was_asked(browser_of: Of, asking: Workspace, form: str, mode: str) -> None:
    address = {
        "groups": GROUPS,
        "rows": f"/query?mode=records&feed=calls&c1=call_type&o1=eq&v1=NW&{SPAN}",
        "numbers": f"/query?i=hotline.abandon_rate&grain=day&{SPAN}",
    }[mode]
    path, _, query = address.partition("?")
    answer = browser_of(LOCAL).http.get(f"{path}.{form}?{query}&lang=en")
    assert answer.status_code == 200
    assert len(answer.content) > 300
    if form == "json":
        told = answer.json()["facts"]
        assert told["Scope"].endswith("(all)")
        assert told["Days"] == "1999-01-18 – 1999-01-19"
        assert answer.json()["tables"][0]["rows"]
    if form == "csv" and mode == "rows":
        assert b"****" in answer.content
        last = asking.workplace.store.audit.entries(limit=100_000)[-1]
        assert (last.act, last.subject) == ("export", "calls")
        assert "NW" not in str(last.detail)


def test_a_mean_is_shown_with_its_sum_and_its_n(browser_of: Of, asked_calls: tuple[Call, ...]) -> None:
    row = next(row for row in browser_of(LOCAL).table(GROUPS) if row["call_type"] == "NW")
    waits = [call.wait_s for call in asked_calls if call.call_type == "NW"]
    assert (row["wait_s.n"], row["wait_s.sum"]) == (len(waits), sum(waits))
    assert row["wait_s.mean"] == sum(waits) / len(waits)


def test_what_is_wrong_is_said_above_the_form_that_keeps_what_was_written(browser_of: Of) -> None:
    address = f"/query?mode=records&feed=calls&c1=wait_s&o1=eq&v1={quote(ATTACK)}&c2=customer_id&o2=eq&v2=1&lang=en"
    page = browser_of(LOCAL).page(address, 400)
    (alert,) = [element for element in page.elements if element.attrs.get("role") == "alert"]
    assert "ASK009" in alert.text
    assert "ASK007" in alert.text
    assert [e.attrs["value"] for e in page.all("input") if e.attrs.get("name") == "v1"] == [ATTACK]


@pytest.mark.parametrize(
    "address",
    [
        "/query?mode={}",
        "/query?i={}",
        "/query?i=hotline.calls&by={}",
        "/query?i=hotline.calls&grain={}",
        "/query?i=hotline.calls&c1=call_type&v1={}",
        "/query?i=hotline.calls&region={}",
        "/query?mode=records&feed={}",
        "/query?mode=records&feed=calls&g={}",
        "/query?mode=records&feed=calls&g=call_type&m={}",
        "/query?mode=records&feed=calls&cols={}",
        "/query?mode=records&feed=calls&c1={}",
        "/query?mode=records&feed=calls&c1=call_type&o1={}",
        "/query?mode=records&feed=calls&c1=call_type&o1=contains&v1={}",
        "/query?mode=records&feed=calls&from={}",
        "/query?mode=records&feed=calls&sort={}",
        "/query?mode=records&feed=calls&page={}",
        "/query?saved={}",
        "/query/saved?deleted={}",
        "/query/running?stopped={}",
    ],
)
def test_attacks_in_every_field_are_answered_in_words_and_stay_text(browser_of: Of, address: str) -> None:
    answer = browser_of(LOCAL).http.get(address.format(quote(ATTACK)))
    assert answer.status_code in (200, 400, 404), answer.text[:300]
    page = Read(answer.text)
    assert page.faults == []
    assert "<script>alert" not in answer.text
    assert not [e for e in page.all("script") if not e.attrs.get("src", "").startswith("/static/")]


# --- rights ----------------------------------------------------------------------------------------


@pytest.mark.requirement("S002-112")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "address",
    [
        f"/query?i=hotline.calls&units=below&grain=day&{SPAN}",
        f"/query?mode=records&feed=calls&g=unit&{SPAN}",
        f"/query?mode=records&feed=calls&c1=unit&o1=ne&v1=QAA-K1&{SPAN}",
        f"/query.csv?mode=records&feed=calls&{SPAN}",
        f"/query?mode=records&feed=calls&region=QBB&{SPAN}",
        f"/query?mode=records&feed=calls&c1=unit&o1=eq&v1=QBB-K1&{SPAN}",
        "/query/saved",
    ],
)
def test_pages_show_no_unit_out_of_reach(browser_of: Of, address: str, lang: str) -> None:
    who = viewer("analyst", "QAA-K1", "QAA-K2")
    answer = browser_of(who).http.get(f"{address}{'&' if '?' in address else '?'}lang={lang}")
    shown = unescape(answer.text)
    for echoed in (word for word in ("QBB", "QBB-K1") if f"={word}" in address):
        shown = re.sub(rf"(?<![\w-]){echoed}(?![\w-])", "", shown)  # what the viewer wrote comes back to them
    assert answer.status_code in (200, 400)
    assert not [word for word in forbidden(who) if re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", shown)]


@pytest.mark.requirement("S002-113")
@pytest.mark.parametrize("role", ["leader", "manager", "administrator"])
@pytest.mark.parametrize("address", ["/query", "/query.json?i=hotline.calls", "/query/saved", "/query/running"])
def test_who_may_not_ask_is_told_so(browser_of: Of, role: Any, address: str) -> None:
    assert browser_of(viewer(role)).http.get(address).status_code == 403


@pytest.mark.requirement("S002-113")
def test_without_list_depth_there_are_indicators_and_no_records(browser_of: Of) -> None:
    owner = browser_of(viewer("owner"))
    page = owner.page(f"/query?i=hotline.calls&by=agent&grain=day&{SPAN}")
    assert not [a for a in page.all("a") if a.attrs.get("href", "").startswith("/records/")]
    assert owner.http.get(GROUPS).status_code == 403
    assert owner.http.get(GROUPS.replace("/query?", "/query.csv?")).status_code == 403


# --- saved questions -------------------------------------------------------------------------------


def _saved(client: Client, name: str, shared: str, question: str = GROUPS) -> str:
    answer = client.send("/query/saved", act="save", name=name, shared=shared, question=question.partition("?")[2])
    assert answer.status_code == 303, answer.text[:400]
    return str(answer.headers["location"]).partition("saved=")[2]


@pytest.mark.requirement("S004-015", "S002-112")
def test_a_shared_question_is_answered_within_the_readers_own_units(
    browser_of: Of, asked_calls: tuple[Call, ...]
) -> None:
    ann, bob = browser_of(viewer("analyst")), browser_of(viewer("analyst", "QAA-K1"))
    question = f"/query?mode=records&feed=calls&g=unit&region=QBB&{SPAN}"
    identity = _saved(ann, "两个县的来电", "everybody", question)
    assert {row["unit"] for row in ann.table(f"/query?saved={identity}")} == {"QBB-K1", "QBB-K2"}
    rows = bob.table(f"/query?saved={identity}")
    own = sum(unit_of(call) == "QAA-K1" for call in asked_calls)
    assert [(row["unit"], row["rows"]) for row in rows] == [("QAA-K1", own)]
    shown = unescape(bob.http.get(f"/query?saved={identity}&lang=zh").text)
    assert not [word for word in forbidden(viewer("analyst", "QAA-K1")) if word in shown and word != "QAA"]


@pytest.mark.requirement("S004-015")
def test_two_edits_at_once_end_in_a_page_that_shows_both(browser_of: Of) -> None:
    me = browser_of(viewer("analyst", "QAA"))
    identity = _saved(me, "before", "nobody")
    assert (
        me.send("/query/saved", act="rename", id=identity, version="1", name="first", shared="unit").status_code == 303
    )
    answer = me.send("/query/saved", act="rename", id=identity, version="1", name="second", shared="nobody")
    assert answer.status_code == 409
    page = Read(answer.text)
    shown = " ".join(element.text for element in page.all("dd"))
    assert "first" in shown
    assert "second" in shown
    fields = {e.attrs["name"]: e.attrs["value"] for e in page.all("input") if e.attrs.get("type") == "hidden"}
    assert me.send("/query/saved", **fields).status_code == 303
    assert "second" in me.http.get("/query/saved").text


@pytest.mark.requirement("S004-015")
def test_a_deleted_question_can_be_brought_back(browser_of: Of) -> None:
    me = browser_of(viewer("analyst", "QBB"))
    identity = _saved(me, "to be deleted", "nobody")
    gone = me.send("/query/saved", act="delete", id=identity, version="1")
    page = me.page(gone.headers["location"])
    fields = {e.attrs["name"]: e.attrs["value"] for e in page.all("input") if e.attrs.get("type") == "hidden"}
    assert fields["act"] == "restore"
    assert "to be deleted" not in me.http.get("/query/saved").text
    assert me.send("/query/saved", **fields).status_code == 303
    assert "to be deleted" in me.http.get("/query/saved").text


@pytest.mark.parametrize(
    "fields",
    [
        {"act": "save", "name": "", "question": "mode=records"},
        {"act": "save", "name": "x", "shared": ATTACK, "question": ""},
        {"act": "save", "name": "x", "question": "mode=" + quote(ATTACK)},
        {"act": "save", "name": "x", "question": "&".join(f"a{n}=1" for n in range(500))},
        {"act": ATTACK},
        {"act": "rename", "id": "nobody's", "version": "1", "name": "x"},
        {"act": "delete", "id": ATTACK, "version": ATTACK},
    ],
)
def test_a_form_that_is_wrong_is_answered_in_words(browser_of: Of, fields: dict[str, str]) -> None:
    answer = browser_of(LOCAL).send("/query/saved", **fields)
    assert answer.status_code == 400
    assert "<script>alert" not in answer.text
    assert Read(answer.text).faults == []


@pytest.mark.parametrize("address", ["/query/saved", "/query/running"])
def test_a_form_of_another_site_or_without_its_token_does_nothing(browser_of: Of, address: str) -> None:
    me = browser_of(LOCAL)
    fields = {"act": "save", "name": "forged", "question": "mode=records", "id": "x"}
    theirs = me.http.post(address, data={**fields, "csrf": me.token}, headers={"Sec-Fetch-Site": "cross-site"})
    bare = me.http.post(address, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
    assert (theirs.status_code, bare.status_code) == (403, 403)
    assert "forged" not in me.http.get("/query/saved").text


# --- running ---------------------------------------------------------------------------------------


class SlowHouse:
    """The portal with a question that takes minutes, on a real port."""

    def __init__(self, asking: Workspace, door: Door) -> None:
        self.running = Running(asking.workplace.clock, 120)
        engine = asking.workplace.engine

        def slow(question: object) -> Any:
            with self.running.run("local", Text(zh="慢", en="Slow"), 7) as run, engine.session({}) as session:
                run.watch(session)
                session.query(SLOW)

        context = door.context(LOCAL)
        assert context.ask is not None
        ports = replace(
            context.ask,
            records=slow,
            running=lambda: self.running.of("local"),
            cancel=lambda identity: self.running.cancel("local", identity),
        )
        self.house = Door.open_to(replace(context, ask=ports))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.server = uvicorn.Server(uvicorn.Config(create_app(self.house), port=self.port, log_level="error"))
        threading.Thread(target=self.server.run, daemon=True).start()
        self.until(lambda: self.server.started)

    @staticmethod
    def until(found: Callable[[], bool], within_s: float = 15) -> None:
        end = time.monotonic() + within_s
        while not found() and time.monotonic() < end:
            time.sleep(0.02)
        assert found()

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        request = f"GET {GROUPS} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        self.until(lambda: bool(self.running.of("local")))
        return connection


@pytest.mark.requirement("S004-015")
def test_a_running_question_is_listed_stopped_and_stops_when_its_asker_has_gone(asking: Workspace, door: Door) -> None:
    house = SlowHouse(asking, door)
    try:
        house.connect().close()
        house.until(lambda: not house.running.of("local"))

        waiting = house.connect()
        with httpx.Client(base_url=f"http://127.0.0.1:{house.port}") as browser:
            page = Read(browser.get("/query/running?lang=en").text)
            assert "Slow" in " ".join(element.text for element in page.all("b"))
            fields = {e.attrs["name"]: e.attrs["value"] for e in page.all("input") if e.attrs.get("type") == "hidden"}
            start = time.monotonic()
            stopped = browser.post("/query/running", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
            assert stopped.headers["location"] == "/query/running?stopped=yes"
        waiting.settimeout(20)
        answer = waiting.recv(65_536)
        waiting.close()
        assert time.monotonic() - start < 10
        assert b" 400 " in answer[:20]
        assert house.running.of("local") == ()
    finally:
        house.server.should_exit = True
