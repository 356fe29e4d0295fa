"""The audit trail is read by those who may, newest first; nothing in the product changes it."""

from __future__ import annotations

import inspect
from datetime import timedelta

import pytest

from ganzhi.access.accounts import viewer_of
from ganzhi.access.rights import LOCAL, ROLES, AccessError, RoleName, Viewer
from ganzhi.access.trail import Trail
from ganzhi.store.audit import Audit
from tests.access.conftest import Office


def _viewer(role: RoleName) -> Viewer:
    return Viewer("x", "x", role, (), ROLES[role].rights)


def test_pages_follow_one_another_from_the_newest(office: Office) -> None:
    for n in range(7):
        office.store.audit.append("ann", "x.y", f"s{n}")
    first = office.access.trail.page(LOCAL, limit=3)
    office.store.audit.append("ann", "x.y", "a newer one")
    second = office.access.trail.page(LOCAL, limit=3, before=first.older)
    third = office.access.trail.page(LOCAL, limit=3, before=second.older)
    numbers = [[entry.number for entry in page.entries] for page in (first, second, third)]
    assert numbers == [[7, 6, 5], [4, 3, 2], [1]]
    assert third.older is None


def test_entries_are_sought_by_who_what_whom_and_when(office: Office) -> None:
    began = office.clock.now()
    for actor, act, subject in (
        ("ann", "account.add", "bob"), ("ann", "account", "eve"), ("bob", "account_.x", "eve"), ("bob", "token.add", "bob"),
    ):  # fmt: skip
        office.store.audit.append(actor, act, subject)
        office.clock.pass_time(hours=1)

    def found(**sought: object) -> list[int]:
        return [entry.number for entry in office.access.trail.page(LOCAL, **sought).entries]  # type: ignore[arg-type]

    assert found(actor="ann") == [2, 1]
    assert found(act="account") == [2, 1]
    assert found(act="account.add") == [1]
    assert found(act="a%") == []
    assert found(subject="eve") == [3, 2]
    assert found(actor="bob", subject="bob") == [4]
    assert found(since=began + timedelta(hours=1), until=began + timedelta(hours=3)) == [3, 2]
    assert office.access.trail.acts(LOCAL) == ("account", "account.add", "account_.x", "token.add")


@pytest.mark.parametrize("role", ROLES)
def test_only_administrators_read_it(office: Office, role: RoleName) -> None:
    office.store.audit.append("ann", "x", "y")
    trail, viewer = office.access.trail, _viewer(role)
    for read in (trail.page, trail.acts, trail.verify):
        if role == "administrator":
            assert read(viewer) is not None
        else:
            with pytest.raises(AccessError):
                read(viewer)


def test_nothing_that_reads_or_writes_the_trail_can_change_it(office: Office) -> None:
    office.add("ann")
    assert viewer_of(office.access.accounts.find("ann"))
    offered = {
        name for one in (Trail, Audit) for name, _ in inspect.getmembers(one, inspect.isfunction) if name[0] != "_"
    }
    assert offered == {"page", "acts", "verify", "append", "head", "entries", "of"}
    assert office.access.trail.verify(LOCAL) == []
