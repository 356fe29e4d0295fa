"""The desk over HTTP: forms, conflicts, what is wrong told on the page, and that nothing said runs as a page."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from ganzhi.access.rights import ROLES
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door
from tests.portal.asking import Portal, Read
from tests.portal.complaints.fake_desk import PLAIN, PROBLEM, URGENT
from tests.portal.fakes import FakeHouse

TICKET = f"/complaints/tickets/{URGENT}"
FORM = {"content_type": "application/x-www-form-urlencoded", "origin": "http://portal.test"}


def sent(portal: Portal, address: str, **fields: str) -> tuple[int, str, str]:
    """A form as a page has it; status, text and where it leads."""
    page = portal.ask(address.partition("?")[0], lang="en").text
    token = re.search(r'name="csrf" value="([^"]*)"', page)
    body = urlencode({"csrf": token[1] if token else "", **fields}).encode()
    answer = portal.ask(address, "POST", lang="en", content=body, **FORM)
    return answer.status_code, answer.text, answer.headers.get("location", "")


def test_an_act_leads_back_to_the_ticket_and_says_what_was_done() -> None:
    portal = Portal()
    status, _, to = sent(portal, TICKET, do="take", version="2")
    assert (status, to) == (303, f"{TICKET}?done=take")
    assert "Done: Take it." in portal.ask(to, lang="en").text


def test_two_at_once_end_in_both_states_and_what_was_written() -> None:
    portal = Portal()
    assert sent(portal, TICKET, do="note", version="2", reason="first")[0] == 303
    status, text, _ = sent(
        portal, TICKET, do="note", version="2", reason="mine <b>", seen_state="business", seen_owner=""
    )
    assert status == 409
    assert "first" in text
    assert "mine &lt;b&gt;" in text
    forged = sent(portal, TICKET, do="note", version="2", reason="x", seen_state="{{7*7}}")
    assert forged[0] == 409


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"do": "note", "version": "2", "reason": ""}, 400, "DSK002"),
        ({"do": "explode", "version": "2"}, 400, "POR001"),
        ({"do": "note", "version": "two", "reason": "x"}, 400, "POR003"),
        ({"do": "note", "version": "2", "reason": "x" * 2_001}, 400, "POR002"),
    ],
)
def test_what_is_wrong_is_told_on_the_page(fields: dict[str, str], status: int, words: str) -> None:
    answer = sent(Portal(), TICKET, **fields)
    assert answer[0] == status
    assert words in answer[1]


def test_tickets_and_problems_that_are_not_there_are_not_found() -> None:
    portal = Portal()
    for address in ("/complaints/tickets/nobody", "/complaints/problems/nobody"):
        assert portal.ask(address).status_code == 404
    assert portal.ask("/complaints/queue?age=1y").status_code == 400


def test_a_problem_is_opened_and_worked_on() -> None:
    portal = Portal()
    status, _, to = sent(portal, "/complaints/problems", title="x", mode="case")
    assert (status, to) == (303, f"/complaints/problems/{PROBLEM}")
    address = f"/complaints/problems/{PROBLEM}"
    assert sent(portal, address, do="note", version="3", reason="y")[0] == 303
    assert sent(portal, address, do="note", version="3", reason="z")[0] == 409


def test_a_problem_tells_whether_its_solution_helped() -> None:
    """As many whole days before the report as since the day after the solution: those begin on other days of the month."""
    told = " ".join(Portal().ask(f"/complaints/problems/{PROBLEM}", lang="en").text.split())
    found = re.search(r"(\d+) complaints on (\d+) days before, (\d+) on (\d+) days since: ([\d.]+)\s*% of before", told)
    assert found is not None
    before, days, after, since = (int(found[n]) for n in range(1, 5))
    assert days == since >= 10
    assert before % days == after % since == 0
    assert float(found[5]) == pytest.approx(100 * after / before, abs=0.06)


def test_every_number_of_the_board_opens_as_many_tickets() -> None:
    portal = Portal(FakeHouse("many"))
    page = Read(portal.ask("/complaints/flow", lang="en").text)
    counted = [(e.attrs["href"], e.text) for e in page.all("a") if "/complaints/queue?" in e.attrs.get("href", "")]
    assert len(counted) > 20
    for address, told in counted[::5]:
        number = int(re.sub(r"\D", "", told))
        path, _, query = address.partition("?")
        rows = portal.ask(f"{path}.json?{query}").json()["tables"][0]["rows"]
        assert len(rows) == number, address


@pytest.mark.parametrize("role", ["leader", "owner", "administrator"])
def test_roles_without_list_depth_see_the_board_and_no_ticket(role: str) -> None:
    portal = Portal()
    viewer = replace(portal.house.context().viewer, role=role, rights=ROLES[role].rights)  # type: ignore[arg-type, index]
    portal.app = create_app(Door.open_to(replace(portal.house.context(), viewer=viewer)))
    assert portal.ask("/complaints/flow").status_code == 200
    for address in ("/complaints/queue", TICKET, "/complaints/problems", "/complaints/queue.csv"):
        assert portal.ask(address).status_code == 403
    assert portal.ask(TICKET, "POST", content=b"do=take&version=0", **FORM).status_code == 403


def test_exports_of_the_queue_stand_in_the_audit_trail() -> None:
    portal = Portal()
    assert portal.ask("/complaints/queue.csv?kind=ordinary").status_code == 200
    assert [(note.feed, note.rows) for note in portal.house.notes] == [("complaints", 3)]


def test_ticket_pages_show_why_and_who() -> None:
    text = portal_text(f"/complaints/tickets/{PLAIN}") + portal_text(TICKET)
    for words in ("Several elements", "must be handled", "Shift leader", "escalates to"):
        assert words in text


def portal_text(address: str) -> str:
    return Portal().ask(address, lang="en").text
