"""The calls of `rows` in a workplace, computed once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from tests.measure.explain.rows import INDICATORS, ROWS, TREE
from tests.measure.place import catalogue_with, make_workplace, put_rows


@pytest.fixture(scope="package")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    workplace = make_workplace(tmp_path_factory.mktemp("explain"), catalogue_with(pack, INDICATORS, TREE))
    put_rows(workplace, "calls", ROWS)
    refresh(workplace)
    return workplace


@pytest.fixture(scope="package")
def reading(place: Workplace) -> Iterator[States]:
    with open_states(place) as opened:
        yield opened
