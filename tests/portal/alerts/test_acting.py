"""Acts by forms on a real store: who may, what is refused, two at once, and nobody sees what is out of reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ganzhi.access.rights import LOCAL, ROLES, AccessError, RoleName, Viewer
from ganzhi.base.errors import InputError
from ganzhi.improve.findings import PARTS
from ganzhi.improve.pages.desk import AlertDesk, ChangedError
from ganzhi.improve.pages.listing import Sight
from ganzhi.improve.pages.one import alert_page
from ganzhi.improve.pages.views import SHOWN, AlertsQuery, Asked
from ganzhi.store.open import open_store
from ganzhi.warehouse.workplace import Workplace
from tests.improve.town import Town, catalogue, evaluated
from tests.portal import numbers as n
from tests.store.conftest import HandClock


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    clock = HandClock()
    store = open_store(f"sqlite:///{tmp_path / 's.sqlite'}", clock, ticks=clock)
    yield Town(store, clock)
    store.close()


@pytest.fixture
def desk(town: Town) -> AlertDesk:
    place = SimpleNamespace(store=town.store, catalogue=catalogue(), zone=n.ZONE, clock=town.clock)
    return AlertDesk(cast("Workplace", place), town.findings, cast("Any", None))


def viewer(role: RoleName, *units: str) -> Viewer:
    return Viewer(f"a {role}", role, role, units, ROLES[role].rights)


def listed(desk: AlertDesk, who: Viewer, **more: Any) -> list[str]:
    return [row.unit for row in desk.list(who, AlertsQuery(**more)).rows]


def test_overdue_ones_come_first_and_every_finding_is_counted_in_exactly_one_state(town: Town, desk: AlertDesk) -> None:
    town.findings.hear([evaluated(1, unit="12")])
    town.clock.pass_time(hours=30)
    town.findings.hear([evaluated(3, unit="11"), evaluated(1, unit="10", verdict="withheld", why="discovery")])
    assert listed(desk, LOCAL) == ["12", "11"]
    counts = desk.list(LOCAL, AlertsQuery()).counts
    assert (counts["overdue"], counts["open"], counts["withheld"], counts["all"]) == (1, 2, 1, 3)
    single = [shown for shown in SHOWN if shown not in ("open", "overdue", "all")]
    assert sum(counts[shown] for shown in single) == counts["all"]
    (kept,) = desk.list(LOCAL, AlertsQuery(shown="withheld")).rows
    assert kept.kept is not None
    assert kept.kept.code == "discovery"


def test_a_finding_out_of_reach_is_not_there(town: Town, desk: AlertDesk) -> None:
    other = town.raised(2, unit="12")
    town.raised(2, unit="11")
    city = viewer("manager", "11")
    assert listed(desk, city, shown="all") == ["11"]
    with pytest.raises(InputError) as unknown:
        Sight(desk.workplace, city).find(other.id)
    with pytest.raises(InputError) as absent:
        Sight(desk.workplace, city).find(other.id[:-4] + "ffff")
    assert unknown.value.issues[0].code == absent.value.issues[0].code == "FND001"
    with pytest.raises(InputError):
        desk.act(city, other.id, Asked("acknowledge", other.version))
    with pytest.raises(InputError):
        desk.list(city, AlertsQuery(unit="12"))
    assert town.now(other).state == "published"


@pytest.mark.parametrize("role", ["leader", "administrator"])
def test_roles_without_the_right_cannot_act_and_are_offered_nothing(
    town: Town, desk: AlertDesk, role: RoleName
) -> None:
    found = town.raised(2)
    with pytest.raises(AccessError):
        desk.act(viewer(role), found.id, Asked("acknowledge", found.version))
    if role == "leader":
        assert alert_page(Sight(desk.workplace, viewer(role)), town.findings, found.id, None, ()).acts == ()
    assert town.now(found) == found


def test_what_needs_approval_is_offered_to_the_role_that_approves(town: Town, desk: AlertDesk) -> None:
    found = town.raised(4)
    assert found.state == "raised"

    def offered(who: Viewer) -> tuple[str, ...]:
        return alert_page(Sight(desk.workplace, who), town.findings, found.id, None, ()).acts

    assert "publish" not in offered(viewer("owner"))
    assert "publish" in offered(viewer("handler"))
    assert "publish" in offered(LOCAL)
    desk.act(viewer("handler"), found.id, Asked("publish", found.version))
    assert town.now(found).state == "published"


@pytest.mark.requirement("S003-018")
def test_feedback_lacking_a_part_is_refused_and_changes_nothing(town: Town, desk: AlertDesk) -> None:
    found = town.raised(2)
    who = viewer("owner")
    for act in ("acknowledge", "analyse"):
        desk.act(who, found.id, Asked(act, town.now(found).version))
    for lacking in PARTS:
        given = {part: "" if part == lacking else "x" for part in PARTS}
        with pytest.raises(InputError) as refused:
            desk.act(who, found.id, Asked("feedback", town.now(found).version, feedback=given))
        assert [(each.code, each.subject) for each in refused.value.issues] == [("FND005", lacking)]
    assert town.now(found).state == "analysing"
    desk.act(who, found.id, Asked("feedback", town.now(found).version, feedback=dict.fromkeys(PARTS, "x")))
    page = alert_page(Sight(desk.workplace, who), town.findings, found.id, None, ())
    assert page.row.state == "measured"
    assert page.samples is None
    assert [form.measures for form in page.feedback] == ["x"]


def test_the_slower_of_two_sees_what_the_finding_has_become(town: Town, desk: AlertDesk) -> None:
    found = town.raised(2)
    desk.act(viewer("owner"), found.id, Asked("acknowledge", found.version))
    with pytest.raises(ChangedError) as slower:
        desk.act(viewer("handler"), found.id, Asked("dismiss", found.version, reason="false alarm"))
    assert (slower.value.seen, slower.value.now.state) == (found.version, "acknowledged")
    assert town.now(found).state == "acknowledged"


def test_a_silence_of_a_page_is_of_that_series_and_ends(town: Town, desk: AlertDesk) -> None:
    found = town.raised(2)
    desk.act(viewer("handler"), found.id, Asked("silence", found.version, reason="works", hours=4, kind="maintenance"))
    (made,) = town.store.silences.list()
    assert (made.rule, made.unit, made.kind) == (found.rule, found.unit, "maintenance")
    assert made.ends_at - made.starts_at == timedelta(hours=4)
    with pytest.raises(InputError):
        desk.act(viewer("handler"), found.id, Asked("silence", found.version, reason="works", hours=5))


def test_a_parent_out_of_reach_is_neither_linked_nor_named(town: Town, desk: AlertDesk) -> None:
    town.findings.hear([evaluated(3, unit="10"), evaluated(2, unit="11", verdict="withheld", why="in_parent")])
    (row,) = desk.list(viewer("manager", "11"), AlertsQuery(shown="merged")).rows
    assert row.parent is None
    assert row.kept is not None
    assert "unit" not in {**row.kept.params, **row.kept.names}
    (whole,) = desk.list(LOCAL, AlertsQuery(shown="merged")).rows
    assert whole.parent is not None
