"""The real sample, computed once, in an organisation of two levels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import Call, calls
from tests.measure.place import catalogue_with, make_workplace, put_rows, units

TREE = units(("all", None), ("east", "all"), ("west", "all"), ("idle", "all"), ("east-1", "east"), ("east-2", "east"))


def team_of(call: Call) -> str:
    """Lines of the voice-response unit stand for teams, so that the organisation has something to add up."""
    line = call.call_id.partition("-")[0]
    if line <= "AA0103":
        return "east-1"
    return "east-2" if line <= "AA0105" else "west"


@pytest.fixture(scope="session")
def pack() -> Catalogue:
    return load_catalogue("telecom", None)


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue, sample_calls: Path) -> Workplace:
    """The sample in a workplace, refreshed."""
    workplace = make_workplace(tmp_path_factory.mktemp("bank"), catalogue_with(pack, pack.indicators, TREE))
    put_rows(workplace, "calls", [call.row(team_of(call)) for call in calls(sample_calls)])
    refresh(workplace)
    return workplace


@pytest.fixture(scope="session")
def reading(bank: Workplace) -> Iterator[States]:
    with open_states(bank, ["calls"]) as opened:
        yield opened
