"""Acts at the desk: one after another, kept for good, and of two at once one is refused."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from ganzhi.base.errors import InputError
from ganzhi.store.desk.acts import DeskChangedError, standing
from tests.store.conftest import Opener


@pytest.mark.requirement("S003-004")
def test_of_two_people_who_saw_the_same_one_is_refused_and_told_what_was_done(url: str, opened: Opener) -> None:
    desk = opened(url).desk
    desk.add("ticket", "TS1", 0, "li", "note", {"text": "查证中"})
    done: list[str] = []
    refused: list[DeskChangedError] = []

    def act(who: str) -> None:
        try:
            desk.add("ticket", "TS1", 1, who, "hand_over", {"department": who})
            done.append(who)
        except DeskChangedError as error:
            refused.append(error)

    both = [threading.Thread(target=act, args=(who,)) for who in ("network", "billing")]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(done) == len(refused) == 1
    assert refused[0].issues[0].code == "DSK001"
    assert [each.content["department"] for each in refused[0].since] == done
    assert [each.number for each in desk.of("ticket", "TS1")] == [1, 2]


def test_what_is_taken_back_stays_in_the_rows_and_in_the_trail(url: str, opened: Opener) -> None:
    store = opened(url)
    desk = store.desk
    first = desk.add("ticket", "TS1", 0, "li", "promise", {"until": "2026-12-01T00:00:00+00:00"})
    desk.add("ticket", "TS1", 1, "li", "note", {"text": "x"})
    desk.add("ticket", "TS1", 2, "wang", "undo", {"reason": "说错了"}, undoes=first.number)
    acts = desk.of("ticket", "TS1")
    assert [each.act for each in acts] == ["promise", "note", "undo"]
    assert [each.act for each in standing(acts)] == ["note"]
    trail = [(each.actor, each.act, each.subject) for each in store.audit.entries() if each.subject == "TS1"]
    assert sorted(trail) == sorted([("li", "ticket.promise", "TS1"), ("li", "ticket.note", "TS1"), ("wang", "ticket.undo", "TS1")])  # fmt: skip
    with store.database.write() as connection, pytest.raises(sa.exc.IntegrityError):
        connection.execute(sa.text("UPDATE desk_acts SET undoes = 1 WHERE number = 2"))


def test_a_refused_act_leaves_nothing_behind(url: str, opened: Opener) -> None:
    store = opened(url)

    def refuse(_acts: object) -> None:
        raise InputError([])

    with pytest.raises(InputError):
        store.desk.add("problem", "P1", 0, "li", "open", {}, check=refuse)
    with pytest.raises(InputError, match="REQ027"):
        store.desk.add("problem", "P1", 0, " ", "open", {})
    assert store.desk.of("problem", "P1") == ()
    assert store.desk.all("problem") == {}
    assert not [each for each in store.audit.entries() if each.subject == "P1"]


def test_many_subjects_are_read_together(url: str, opened: Opener) -> None:
    desk = opened(url).desk
    for name in ("a", "b", "c"):
        desk.add("ticket", name, 0, "li", "note", {"text": name})
    desk.add("problem", "a", 0, "li", "open", {"title": "x"})
    assert set(desk.of_many("ticket", ["a", "c", "nobody"])) == {"a", "c"}
    assert set(desk.all("ticket")) == {"a", "b", "c"}
    assert set(desk.all("problem")) == {"a"}
