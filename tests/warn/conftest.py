"""The real sample with an outbreak of one team put into it, computed once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.parts import Text
from ganzhi.catalogue.model.warning import WarningRule
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import Call, calls
from tests.measure.place import catalogue_with, make_workplace, put_rows, units

OUTBREAK = date(1999, 1, 31)
TIMES = 12
TREE = units(("all", None), ("east", "all"), ("west", "all"))


def team_of(call: Call) -> str:
    return "east" if call.call_id.partition("-")[0] <= "AA0105" else "west"


def times(call: Call) -> int:
    """How often a call is counted: calls of one team on the day of the outbreak several times."""
    return TIMES if call.arrived_at.date() == OUTBREAK and team_of(call) == "east" else 1


@pytest.fixture(scope="session")
def outbreak(tmp_path_factory: pytest.TempPathFactory, sample_calls: Path) -> Workplace:
    """Thirty-one days of a hotline whose eastern team has twelve times its calls on the last one."""
    pack = load_catalogue("telecom", None)
    name = Text(zh="来话", en="Calls")
    rules = {
        "test.calls": WarningRule(
            name=name, level="product", indicator="hotline.calls", at=("province", "team"), owner=name, hold=0
        ),
        "test.by_type": WarningRule(
            name=name, level="product", indicator="hotline.calls", by="call_type", only=("PS", "NE"), owner=name
        ),
        "test.answered": WarningRule(
            name=name, level="centre", indicator="hotline.answer_rate", baseline="fixed", side="low", owner=name
        ),
    }
    catalogue = replace(catalogue_with(pack, pack.indicators, TREE), warning_rules=rules)
    place = make_workplace(tmp_path_factory.mktemp("outbreak"), catalogue)
    rows = []
    for call in calls(sample_calls):
        row = call.row(team_of(call))
        rows += [{**row, "call_id": f"{call.call_id}x{n}" if n else call.call_id} for n in range(times(call))]
    put_rows(place, "calls", rows)
    refresh(place)
    return place


@pytest.fixture(scope="session")
def states(outbreak: Workplace) -> Iterator[States]:
    with open_states(outbreak, ["calls"]) as opened:
        yield opened
