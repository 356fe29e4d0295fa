"""The panorama of the support system against the catalogue it is drawn from, walked by hand."""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

import numpy as np
import pytest

from ganzhi.base.errors import InputError
from ganzhi.catalogue.derive.coverage import pairs_of
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.views.parts import Reading
from ganzhi.portal.charts.support import ChartBox, ChartJoint, SystemChart, system_chart
from ganzhi.trace.blueprint.panorama import COLUMNS, drawn, through
from tests.portal import numbers as n


@pytest.fixture(scope="module")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


def reading(value: float | None, level: Any = None) -> Reading:
    return Reading(value, None, None, None, 1.0, level, enough=True)


@pytest.mark.requirement("S001-053")
def test_it_holds_what_is_declared_from_the_customer_to_the_departments(pack: Catalogue) -> None:
    view = drawn(pack, n.scope(), {})
    codes = {column: {each.code for each in view.places if each.column == column} for column in COLUMNS}
    steps = [
        (pack.processes[p].commercial_process, s.system)
        for p in pack.processes
        for s in pack.processes[p].steps.values()
    ]
    assert codes["contact"] == {each.step for each in pack.touchpoints.values()}
    assert codes["channel"] == {channel for each in pack.touchpoints.values() for channel in each.channels}
    assert codes["process"] == {each.commercial_process for each in pack.processes.values()}
    assert codes["system"] == {system for _, system in steps}
    assert codes["department"] == {owner.en for s in codes["system"] if (owner := pack.systems[s].owner) is not None}
    by_hand: Counter[tuple[str, str]] = Counter()
    for each in pack.touchpoints.values():
        for channel in each.channels:
            by_hand[f"contact:{each.step}", f"channel:{channel}"] += 1
            by_hand[f"channel:{channel}", f"process:{pack.processes[each.process].commercial_process}"] += 1
    by_hand.update((f"process:{process}", f"system:{system}") for process, system in steps)
    for _, system in steps:
        if (owner := pack.systems[system].owner) is not None:
            by_hand[f"system:{system}", f"department:{owner.en}"] += 1
    assert {(each.source, each.target): each.joined for each in view.joints} == by_hand
    order = {column: place for place, column in enumerate(COLUMNS)}
    assert all(
        order[each.target.partition(":")[0]] - order[each.source.partition(":")[0]] == 1 for each in view.joints  # type: ignore[index]
    )  # fmt: skip


def test_a_place_has_the_worst_level_of_what_is_measured_of_it_and_opens_to_exactly_that(pack: Catalogue) -> None:
    hall = {
        code
        for pair in pairs_of(pack, None)
        if "hall" in pack.touchpoints[pair.touchpoint].channels
        for code in pair.indicators
    }
    some = sorted(hall)[:6]
    readings = dict(
        zip(
            some,
            (reading(1), reading(2, "yellow"), reading(3, "red"), reading(None), reading(5), reading(6, "blue")),
            strict=True,
        )
    )
    view = drawn(pack, n.scope(), readings, "channel:hall")
    place = view.focus
    assert place is not None
    assert (place.indicators, place.measured, place.alerting, place.level) == (6, 5, 3, "red")
    assert [each.subject.code for each in view.rows][:3] == [some[2], some[1], some[5]]
    assert {each.subject.code for each in view.rows} == set(some)
    with pytest.raises(InputError, match="REQ054"):
        drawn(pack, view.scope, readings, "channel:nowhere")


def test_ways_through_a_place_are_what_leads_to_it_and_what_it_leads_to(pack: Catalogue) -> None:
    """Against the closure of the joints by powers of a matrix."""
    view = drawn(pack, n.scope(), {})
    keys = [each.key for each in view.places]
    steps = np.eye(len(keys), dtype=bool)
    for each in view.joints:
        steps[keys.index(each.source), keys.index(each.target)] = True
    reach = np.linalg.matrix_power(steps.astype(np.int64), len(COLUMNS)) > 0
    joints = {(each.source, each.target): each.joined for each in view.joints}
    for focus in ("contact:pay", "channel:bank", "process:care", "system:crm"):
        at = keys.index(focus)
        by_hand = {key for place, key in enumerate(keys) if reach[at, place] or reach[place, at]}
        assert through(focus, joints) == by_hand
        assert drawn(pack, n.scope(), {}, focus).lit == by_hand


def test_the_drawing_holds_every_box_and_line_once() -> None:
    columns = tuple(
        (
            f"c{k}",
            tuple(
                ChartBox(f"{k}.{m}", f"<b>{k}.{m}", "1/2", "red" if m else None, link=f"/x?{k}{m}") for m in range(3)
            ),
        )
        for k in range(3)
    )
    joints = tuple(ChartJoint(f"{k}.{a}", f"{k + 1}.{b}", 0.5) for k, a, b in product(range(2), range(3), range(3)))
    made = str(system_chart(SystemChart("said", columns, ("one", "two"), joints)))
    assert (made.count("<rect"), made.count("<a "), made.count("<path"), made.count("&lt;b&gt;0.0")) == (
        9,
        9,
        18 + 2 + 6,
        2,
    )
    assert 'aria-label="said"' in made
    assert "<a " not in str(system_chart(SystemChart("said", columns, ("one", "two"), joints), links=False))
    assert not system_chart(SystemChart("said", (), (), ()))
