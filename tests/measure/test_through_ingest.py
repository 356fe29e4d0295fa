"""The whole way: the file as it ships, through ingest, refresh and observe, from files and from the serving cache."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.ingest.load import load
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.duckdb.serving import ServingCache
from ganzhi.warehouse.workplace import Workplace
from tests.measure.bank import calls
from tests.measure.by_hand import BY_HAND
from tests.measure.place import make_workplace

JANUARY = (date(1999, 1, 1), date(1999, 1, 31))


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue, sample_calls: Path) -> Workplace:
    workplace = make_workplace(tmp_path_factory.mktemp("loaded"), pack)
    load(workplace, "calls", [sample_calls], mapping="anonymous_bank")
    refresh(workplace)
    return workplace


def ask(workplace: Workplace, reading: States, grain: Grain, by: tuple[str, ...] = ()) -> list[Observation]:
    codes = tuple(code for code in BY_HAND if set(by) <= set(workplace.catalogue.indicators[code].by))
    return observe(workplace, reading, ObserveRequest(codes, "all", grain, *JANUARY, by=by))


@pytest.mark.requirement("S004-005")
def test_the_shipped_file_gives_every_figure_that_plain_python_gives(loaded: Workplace, sample_calls: Path) -> None:
    with open_states(loaded) as reading:
        found = {each.code: each for each in ask(loaded, reading, Grain.MONTH)}
    for code, by_hand in BY_HAND.items():
        expected, mine = by_hand(calls(sample_calls)), found[code]
        assert (mine.numerator, mine.denominator, mine.n) == (expected.numerator, expected.denominator, expected.n), (
            code
        )
        tolerance = 0.0 if expected.exact else 0.0100001
        assert mine.value == pytest.approx(expected.value, rel=tolerance or 1e-15), code
    assert found["hotline.calls"].value == 31_359
    assert round(found["hotline.answer_rate"].value or 0, 2) == 89.72
    assert found["hotline.calls"].completeness == pytest.approx(29 / 31)


@pytest.mark.parametrize(
    ("grain", "by"), [(Grain.DAY, ()), (Grain.WEEK, ("call_type",)), (Grain.HOUR, ()), (Grain.MONTH, ("hour_of_day",))]
)
def test_the_serving_cache_answers_as_the_files_do(loaded: Workplace, grain: Grain, by: tuple[str, ...]) -> None:
    cache = ServingCache(loaded.files.root, loaded.zone, loaded.clock)
    try:
        with open_states(loaded) as files, open_states(loaded, engine=cache) as served:
            assert ask(loaded, served, grain, by) == ask(loaded, files, grain, by)
    finally:
        cache.close()
