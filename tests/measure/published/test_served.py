"""Pages read what is published, and show what they would show if they asked the states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.build import readings
from ganzhi.measure.build.readings import Board
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import exact, observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.publish.opened import Newest
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.served import exact_numbers, shelf_of
from ganzhi.measure.publish.tables import GRAINS, table_name
from ganzhi.measure.refresh import refresh
from ganzhi.measure.units import children_of
from ganzhi.warehouse.engine import Relation, Session
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import put_rows
from tests.measure.published.test_publish import FIRST, LAST, LATE, ZONE, indicators, make, some_calls


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    workplace = make(tmp_path_factory.mktemp("served"), pack, some_calls())
    publish(workplace)
    return workplace


@pytest.fixture(scope="module")
def served(place: Workplace) -> Iterator[States]:
    with Newest(place, place.engine).states() as states:
        yield states


def around(grain: Grain) -> list[Period]:
    """All periods that data touch, with one before them and one after."""
    last = period_of_day(grain, LAST + timedelta(days=1), ZONE)
    found = [period_of_day(grain, last.last_day + timedelta(days=1), ZONE), last]
    while found[-1].last_day >= FIRST:
        found.append(found[-1].previous())
    return found[::-1]


@pytest.mark.parametrize("grain", GRAINS)
def test_every_observation_read_is_the_one_asked_for(place: Workplace, served: States, grain: Grain) -> None:
    published = served.published
    assert published is not None
    codes = tuple(code for code, each in indicators().items() if each.measure)
    periods = around(grain)
    assert published.answers(codes, grain)
    assert all(published.covers(period) for period in periods)
    with open_states(place) as reading:
        for unit in ("all", "east", "w1", "new"):
            asked = ObserveRequest(codes, unit, grain, periods[0].first_day, periods[-1].last_day, stale="show")
            for each in observe(place, reading, asked):
                assert published.observation(each.code, unit, each.period) == each
        asked = ObserveRequest(
            codes, "all", grain, periods[0].first_day, periods[-1].last_day, children=True, stale="show"
        )
        assert observe(place, served, asked) == observe(place, reading, asked)


def both(place: Workplace, served: States, unit: str, periods: list[Period], *, children: bool) -> tuple[Board, Board]:
    """A board on what is published and one on the states, asked the same."""
    with open_states(place) as reading:
        boards = [Board(Reader(place, states, LOCAL), list(indicators())) for states in (served, reading)]
        for board in boards:
            board.ask(unit, periods, children=children)
    return boards[0], boards[1]


@pytest.mark.parametrize("children", [False, True])
@pytest.mark.parametrize("grain", GRAINS)
def test_every_score_with_its_tree_is_the_one_asked_for(
    place: Workplace, served: States, grain: Grain, children: bool
) -> None:
    for unit in ("all",) if children else ("east", "new"):
        got, expected = both(place, served, unit, around(grain), children=children)
        for each in children_of(place.catalogue, unit) if children else (unit,):
            for period in around(grain):
                for code in indicators():
                    wanted = expected.scored(code, each, period)
                    assert wanted is not None
                    assert got.scored(code, each, period) == wanted
                    assert got.reading(code, each, period) == expected.reading(code, each, period)
                    assert got.shares(code, each, period) == expected.shares(code, each, period)
                    before = period.previous()
                    assert got.score_now(code, each, period, before) == expected.score_now(code, each, period, before)


class Unused:
    """Opens no sessions."""

    def session(self, relations: dict[str, Relation]) -> Session:
        raise AssertionError("what is published needs no session")


def test_what_is_published_is_read_without_opening_states(place: Workplace) -> None:
    with Newest(place, Unused()).states() as states:  # type: ignore[arg-type]
        board = Board(Reader(place, states, LOCAL), ["top"])
        board.ask("all", around(Grain.DAY))
        board.ask("all", around(Grain.DAY), children=True)
        assert board.reading("volume", "all", period_of_day(Grain.DAY, FIRST, ZONE)).value == 10


def test_a_period_that_is_behind_is_asked_of_the_states_and_the_others_are_read(
    tmp_path: Path, pack: Catalogue
) -> None:
    late = make(tmp_path, pack, some_calls())
    publish(late)
    newest = Newest(late, late.engine)
    with newest.states() as before:
        assert before.published is not None
        assert all(before.published.covers(p) for p in around(Grain.DAY))
    put_rows(late, "calls", LATE)
    refresh(late)
    behind = period_of_day(Grain.DAY, date(1999, 1, 31), ZONE)
    with newest.states() as states:
        assert states.published is not None
        assert [p for p in around(Grain.DAY) if not states.published.covers(p)] == [behind]
        got, expected = both(late, states, "all", around(Grain.DAY), children=False)
        assert [got.scored("top", "all", p) for p in around(Grain.DAY)] == [
            expected.scored("top", "all", p) for p in around(Grain.DAY)
        ]
        assert got.reading("volume", "all", behind).value == 15
    publish(late)
    with newest.states() as states:
        assert states.published is not None
        assert states.published.covers(behind)
        assert both(late, states, "all", [behind], children=False)[0].reading("volume", "all", behind).value == 15


def copies(workplace: Workplace) -> set[str]:
    return {path.name[:32] for path in (workplace.files.root / "cache" / "shelf").glob("*.arrow")}


def test_publishing_leaves_a_copy_of_each_live_file_and_no_other(tmp_path: Path, pack: Catalogue) -> None:
    workplace = make(tmp_path, pack, some_calls())
    publish(workplace)
    first = copies(workplace)
    put_rows(workplace, "calls", LATE)
    refresh(workplace)
    publish(workplace)
    live = workplace.store.manifest.snapshot()
    files = [file for grain in GRAINS for file in live.table(table_name("observed", grain))]
    assert copies(workplace) == {file.sha256[:32] for file in files}
    assert not first <= copies(workplace)


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_a_copy_that_is_cut_off_is_made_again(place: Workplace, keep: int) -> None:
    file = place.store.manifest.snapshot().table(table_name("observed", Grain.MONTH))[0]

    whole = shelf_of(place.files).columns(file)
    path = next((place.files.root / "cache" / "shelf").glob(f"{file.sha256[:32]}*"))
    content = path.read_bytes()
    path.unlink()  # the one that is mapped stays as it is
    path.write_bytes(content[:keep])
    again = shelf_of(place.files).columns(file)
    assert repr(again.rows.to_pydict()) == repr(whole.rows.to_pydict())  # NaN is like NaN


@pytest.mark.parametrize("basis", ["period", "todate"])
def test_units_of_several_parents_are_asked_at_once_and_say_what_they_say_one_by_one(
    place: Workplace, served: States, basis: Literal["period", "todate"], monkeypatch: pytest.MonkeyPatch
) -> None:
    periods = [period_of_day(Grain.DAY, FIRST + timedelta(days=day), ZONE) for day in (0, 3)]
    of = ("w1", "e2", "east", "new", "e2")
    together, alone = (Board(Reader(place, served, LOCAL), list(indicators()), basis=basis) for _ in range(2))
    asked: list[object] = []
    ask = readings.score_all
    monkeypatch.setattr(readings, "score_all", lambda *given: asked.append(given) or ask(*given))  # type: ignore[func-returns-value]
    together.ask("all", periods, units=of)
    assert len(asked) == (0 if basis == "period" else len(periods))  # they do not follow each other
    for unit in of:
        alone.ask(unit, periods)
    for unit in of:
        for period in periods:
            for code in indicators():
                assert together.scored(code, unit, period) == alone.scored(code, unit, period)
                assert together.reading(code, unit, period) == alone.reading(code, unit, period)
    with pytest.raises(InputError, match="REQ012"):
        together.ask("all", periods, units=("e1", "nowhere"))


def test_a_column_of_exact_numbers_reads_as_they_do_one_by_one() -> None:
    numbers = [0, 1, -1, 7, 9_223_372_036, -9_223_372_037, 10**12, 10**28, -(10**20)]
    texts = ["0.000000001", "-0.5", "12.25", "9223372036.854775807", "9223372036.854775808", "-9223372036.854775809"]
    given = [*map(Decimal, numbers), None, *map(Decimal, texts), None]
    column = pa.array(given, pa.decimal128(38, 9))
    for low, high in ((0, len(given)), (4, 12), (9, 10), (3, 3)):
        found = exact_numbers(column, low, high)
        assert found == [exact(each) for each in column.slice(low, high - low).to_pylist()]
        assert [type(each) for each in found] == [
            type(exact(each)) for each in column.slice(low, high - low).to_pylist()
        ]
