"""Why a number changed: the parts add up to the change, and each is what a hand-written sum says."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.periods import Grain, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.explain.explain import explain
from ganzhi.measure.explain.explanation import Cut, ExplainRequest, Explanation, Piece, ScorePart, Split
from ganzhi.measure.explain.scores import split_change, split_target
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import States, open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import Contribution, Scored
from ganzhi.numerics.score import Score
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import catalogue_with, indicator, make_workplace, put_rows, units

ZONE = ZoneInfo("Asia/Shanghai")
BEFORE, NOW, EMPTY = date(2026, 4, 1), date(2026, 4, 2), date(2026, 4, 9)
TREE = units(("all", None), ("east", "all"), ("west", "all"), ("idle", "all"), ("east-1", "east"), ("east-2", "east"))
TYPES, PRIORITIES = ("PS", "NW", "IN"), ("0", "1", "2")

LIMITS = {"management": {"floor": 60, "target": 90, "challenge": 99}}
INDICATORS = {
    "top": indicator("top", layer="KEI", feed=None, unit="score", direction="higher"),
    "middle": indicator(
        "middle", layer="KQI", feed=None, unit="score", direction="higher", supports=[{"parent": "top", "weight": 3}]
    ),
    "answered": indicator(
        "answered",
        unit="percent",
        direction="higher",
        ratio={"numerator": {"count": {"where": "outcome = 'AGENT'"}}, "denominator": {"count": {}}},
        by=["call_type", "priority", "hour_of_day"],
        targets=LIMITS,
        min_n=1,
        supports=[{"parent": "middle", "weight": 2}],
    ),
    "wait": indicator(
        "wait",
        unit="s",
        direction="lower",
        mean={"of": "wait_s"},
        by=["call_type"],
        targets={"management": {"floor": 60, "target": 20, "challenge": 10}},
        min_n=1,
        supports=[{"parent": "middle", "weight": 1}, {"parent": "top", "weight": 1}],
    ),
    "lost": indicator(
        "lost",
        unit="percent",
        direction="lower",
        ratio={"numerator": {"count": {"where": "outcome = 'HANG'"}}, "denominator": {"count": {}}},
        targets={"management": {"floor": 40, "target": 5, "challenge": 1}},
        min_n=1,
        supports=[{"parent": "top", "points": 30}],
    ),
    "calls": indicator("calls", count={}, by=["call_type", "priority"]),
    "median": indicator("median", unit="s", percentile={"of": "wait_s", "p": 0.5}, by=["call_type"]),
    "callers": indicator("callers", distinct={"of": "customer_id"}, by=["call_type"]),
    "per_unit": indicator(
        "per_unit",
        unit="per_10k",
        rate={"numerator": {"count": {"where": "outcome = 'HANG'"}}, "per": "calls"},
        by=["call_type"],
    ),
}

Row = dict[str, object]


def _rows() -> list[Row]:
    """Two days of calls. `NW` of east-1 loses most of its answers on the second day, the calls of the easy type
    move away from west, one call a day is of the province itself, and type `IN` is new."""
    rows: list[Row] = []

    def add(day: date, unit: str, call_type: str, calls: int, answered: int, wait_s: int) -> None:
        for n in range(calls):
            rows.append(
                {
                    "call_id": str(len(rows)),
                    "unit": unit,
                    "call_type": call_type,
                    "priority": n % 3,
                    "customer_id": f"c{n % 7}",
                    "outcome": "AGENT" if n < answered else "HANG",
                    "arrived_at": datetime(day.year, day.month, day.day, 9 + n % 3, n % 60, tzinfo=ZONE),
                    "wait_s": wait_s + n % 5,
                    "ivr_s": 1,
                    "talk_s": 1,
                }
            )

    for unit, size in (("east-1", 60), ("east-2", 45), ("west", 90)):
        add(BEFORE, unit, "PS", size, round(0.9 * size), 15)
        add(BEFORE, unit, "NW", size, round(0.8 * size), 25)
        add(NOW, unit, "PS", size if unit != "west" else 30, round(0.9 * size) if unit != "west" else 27, 15)
        add(NOW, unit, "NW", size, round((0.1 if unit == "east-1" else 0.8) * size), 30 if unit == "east-1" else 25)
    add(BEFORE, "all", "PS", 1, 1, 5)
    add(NOW, "all", "PS", 1, 0, 5)
    add(NOW, "west", "IN", 12, 6, 50)
    return rows


ROWS = _rows()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    workplace = make_workplace(tmp_path_factory.mktemp("explain"), catalogue_with(pack, INDICATORS, TREE))
    put_rows(workplace, "calls", ROWS)
    refresh(workplace)
    return workplace


@pytest.fixture(scope="module")
def reading(place: Workplace) -> Iterator[States]:
    with open_states(place) as opened:
        yield opened


def why(place: Workplace, reading: States, code: str, **changes: object) -> Explanation:
    given = {"unit": "all", "period": period_of_day(Grain.DAY, NOW, ZONE), **changes}
    return explain(place, reading, ExplainRequest(code, **given))  # type: ignore[arg-type]


def cut_by(found: Explanation, dimension: str) -> Cut:
    return next(each for each in found.cuts if each.dimension == dimension)


def added(pieces: Sequence[Piece]) -> float:
    return math.fsum(each.change for each in pieces if each.change is not None)


# --- by hand ------------------------------------------------------------------------------------

UNDER = {"east": {"east", "east-1", "east-2"}, "west": {"west"}, "idle": {"idle"}, "all": {"all"}}


def answered(day: date, **where: object) -> tuple[int, int]:
    """Answered calls and calls of a day, counted row by row."""
    rows = [r for r in ROWS if r["arrived_at"].date() == day]  # type: ignore[attr-defined]
    units_ = where.pop("units", None)
    rows = [r for r in rows if units_ is None or r["unit"] in units_]  # type: ignore[operator]
    rows = [r for r in rows if all(str(r[name]) == value for name, value in where.items())]
    return sum(r["outcome"] == "AGENT" for r in rows), len(rows)


def kitagawa(parts: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> list[tuple[Fraction, Fraction]]:
    """Rate and mix of each part in per cent, from the formula; parts with a rate at one date have mix alone."""
    d0, d1 = (Fraction(sum(part[side][1] for part in parts)) for side in (0, 1))
    big0, big1 = (Fraction(sum(p[s][0] for p in parts)) / d for s, d in ((0, d0), (1, d1)))
    found = []
    for (a0, n0), (a1, n1) in parts:
        r0, r1 = Fraction(a0, n0) if n0 else Fraction(a1, n1), Fraction(a1, n1) if n1 else Fraction(a0, n0)
        s0, s1 = n0 / d0, n1 / d1
        found.append((100 * (s0 + s1) / 2 * (r1 - r0), 100 * ((r0 + r1) / 2 - (big0 + big1) / 2) * (s1 - s0)))
    return found


# --- ratios -------------------------------------------------------------------------------------


@pytest.mark.requirement("S000-125")
def test_a_ratio_splits_into_rate_and_mix_by_unit_as_by_hand(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    cut = cut_by(found, "unit")
    keys = ("east", "west", "all")
    by_hand = dict(
        zip(keys, kitagawa([tuple(answered(d, units=UNDER[k]) for d in (BEFORE, NOW)) for k in keys]), strict=True)
    )  # type: ignore[misc]
    assert {piece.key for piece in cut.pieces} == set(keys)
    for piece in cut.pieces:
        assert (piece.rate, piece.mix) == pytest.approx([float(each) for each in by_hand[piece.key]], abs=1e-12)
    assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)
    assert (cut.rate or 0) + (cut.mix or 0) == pytest.approx(found.difference, abs=1e-12)
    assert found.difference == pytest.approx(float(found.now.value) - float(found.before.value), abs=1e-12)  # type: ignore[union-attr, arg-type]


def test_rows_of_the_unit_itself_are_a_part_of_their_own(place: Workplace, reading: States) -> None:
    own = next(each for each in cut_by(why(place, reading, "answered"), "unit").pieces if each.key == "all")
    assert own.unit is None
    assert own.before is not None
    assert own.now is not None
    assert (own.before.numerator, own.before.denominator) == (1, 1)
    assert (own.now.numerator, own.now.denominator) == (0, 1)


def test_a_ratio_splits_by_each_declared_dimension_as_by_hand(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    assert [cut.dimension for cut in found.cuts] == ["unit", "call_type", "priority"]
    for dimension, values in (("call_type", TYPES), ("priority", PRIORITIES)):
        cut = cut_by(found, dimension)
        parts = [tuple(answered(d, **{dimension: v}) for d in (BEFORE, NOW)) for v in values]
        by_hand = dict(zip(values, kitagawa(parts), strict=True))  # type: ignore[arg-type]
        assert {piece.key for piece in cut.pieces} == set(values)
        for piece in cut.pieces:
            assert (piece.rate, piece.mix) == pytest.approx([float(each) for each in by_hand[piece.key]], abs=1e-12)
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)


def test_what_is_there_at_one_date_only_is_said_so_and_enters_by_mix(place: Workplace, reading: States) -> None:
    new = next(each for each in cut_by(why(place, reading, "answered"), "call_type").pieces if each.key == "IN")
    assert (new.only, new.before, new.rate) == ("now", None, 0.0)
    assert new.mix != 0


def test_slices_within_a_unit_add_up_to_its_rate_effect(place: Workplace, reading: States) -> None:
    cut = cut_by(why(place, reading, "answered"), "unit")
    assert cut.inner_dimension == "call_type"
    for piece in cut.pieces:
        assert added(piece.inner) == pytest.approx(piece.rate, abs=1e-12)
    east = next(each for each in cut.pieces if each.key == "east")
    worst = east.inner[0]
    assert (worst.key, worst.unit, worst.where) == ("NW", "east", {"call_type": "NW"})


def test_each_piece_names_what_its_observation_is_asked_with(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    pieces = [p for cut in found.cuts for p in cut.pieces] + [i for p in cut_by(found, "unit").pieces for i in p.inner]
    asked = 0
    for piece in pieces:
        if piece.unit is None or piece.now is None:
            continue
        question = ObserveRequest(("answered",), piece.unit, Grain.DAY, NOW, NOW, where=piece.where)
        (seen,) = observe(place, reading, question)
        assert (seen.numerator, seen.denominator, seen.value) == (
            piece.now.numerator,
            piece.now.denominator,
            piece.now.value,
        )
        asked += 1
    assert asked >= 10


def test_points_of_the_score_are_split_with_the_value(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered")
    assert found.score_now is not None
    assert found.score_before is not None
    moved = found.score_now.score.points - found.score_before.score.points  # type: ignore[union-attr]
    for cut in found.cuts:
        assert math.fsum(p.points for p in cut.pieces if p.points is not None) == pytest.approx(moved, abs=1e-9)


def test_exchanging_the_days_changes_the_sign_of_every_part(
    place: Workplace, reading: States, pack: Catalogue, tmp_path
) -> None:  # type: ignore[no-untyped-def]
    def moved(row: Row) -> Row:
        at = row["arrived_at"]
        assert isinstance(at, datetime)
        return {**row, "arrived_at": at.replace(day=3 - at.day)}

    other = make_workplace(tmp_path, catalogue_with(pack, INDICATORS, TREE))
    put_rows(other, "calls", [moved(row) for row in ROWS])
    refresh(other)
    there = why(place, reading, "answered", search=False)
    with open_states(other) as back_reading:
        back = why(other, back_reading, "answered", search=False)
    for cut in there.cuts:
        mirrored = {piece.key: piece for piece in cut_by(back, cut.dimension).pieces}
        for piece in cut.pieces:
            twin = mirrored[piece.key]
            assert (twin.rate, twin.mix) == pytest.approx((-(piece.rate or 0), -(piece.mix or 0)), abs=1e-12)


# --- sums and the rest --------------------------------------------------------------------------


def test_counts_add_up_by_part_in_whole_numbers(place: Workplace, reading: States) -> None:
    found = why(place, reading, "calls")
    assert found.difference == answered(NOW)[1] - answered(BEFORE)[1]
    for cut in found.cuts:
        assert cut.way == "amounts"
        assert sum(piece.change or 0 for piece in cut.pieces) == found.difference
    west = next(each for each in cut_by(found, "unit").pieces if each.key == "west")
    assert west.change == answered(NOW, units={"west"})[1] - answered(BEFORE, units={"west"})[1]
    assert sum(piece.change or 0 for piece in west.inner) == west.change


def test_a_mean_splits_by_its_sums_and_counts(place: Workplace, reading: States) -> None:
    found = why(place, reading, "wait")
    for cut in found.cuts:
        assert cut.way == "rate_mix"
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)


@pytest.mark.parametrize("code", ["median", "callers"])
def test_parts_of_what_does_not_add_up_stand_beside_each_other_without_a_change(
    place: Workplace, reading: States, code: str
) -> None:
    found = why(place, reading, code)
    assert found.difference is not None
    assert found.search is not None
    assert found.search.verdict == "not_additive"
    assert {cut.way for cut in found.cuts} == {"beside"}
    assert all(piece.change is None for cut in found.cuts for piece in cut.pieces)
    assert all(piece.now is None or piece.now.value is not None for cut in found.cuts for piece in cut.pieces)


def test_a_rate_over_another_indicator_adds_up_by_unit_and_by_slice(place: Workplace, reading: States) -> None:
    found = why(place, reading, "per_unit")
    for cut in found.cuts:
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-9)


# --- search -------------------------------------------------------------------------------------


def test_the_combination_that_carries_the_change_is_found_with_its_share(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered", unit="east")
    assert found.search is not None
    assert found.search.verdict == "found"
    first = found.search.cells[0]
    assert first.where == {"unit": "east-1", "call_type": "NW"}
    inside = [answered(d, units={"east-1"}, call_type="NW") for d in (BEFORE, NOW)]
    whole = [answered(d, units=UNDER["east"]) for d in (BEFORE, NOW)]
    rest = [(w[0] - i[0], w[1] - i[1]) for w, i in zip(whole, inside, strict=True)]
    rate, mix = kitagawa([tuple(inside), tuple(rest)])[0]  # type: ignore[arg-type]
    assert first.change == pytest.approx(float(rate + mix), abs=1e-12)
    assert first.share == pytest.approx(float(rate + mix) / (found.difference or 1), abs=1e-9)
    assert first.events == inside[1][1] - inside[1][0]
    assert first.events > 2 * first.expected


def test_parts_that_moved_alike_point_outside_the_attributes(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered", unit="west", by=("priority",))
    assert found.search is not None
    assert found.search.verdict == "too_few"
    assert found.search.cells == ()


# --- against the target -------------------------------------------------------------------------


def test_the_distance_to_a_target_splits_by_part_and_says_which_lie_below(place: Workplace, reading: States) -> None:
    found = why(place, reading, "answered", versus="target")
    a, n = answered(NOW)
    assert found.difference == pytest.approx(100 * a / n - 90)
    for cut in found.cuts:
        assert cut.way == "distance"
        assert added(cut.pieces) == pytest.approx(found.difference, abs=1e-12)
    for piece in cut_by(found, "call_type").pieces:
        a, k = answered(NOW, call_type=piece.key)
        assert piece.change == pytest.approx((100 * a - 90 * k) / n)
        assert piece.below is (100 * a / k < 90)
    assert found.search is not None
    assert found.search.cells[0].where == {"unit": "east", "call_type": "NW"}


def test_a_target_of_a_total_says_nothing_about_its_parts(place: Workplace, reading: States) -> None:
    found = why(place, reading, "calls", versus="target")
    assert (found.reason, found.difference, found.cuts) == ("no_target", None, ())


# --- scores -------------------------------------------------------------------------------------


def leaves(split: Split) -> Iterator[ScorePart]:
    """The parts that are not opened further."""
    for part in split.parts:
        if part.inner is None:
            yield part
        else:
            yield from leaves(part.inner)


@pytest.mark.requirement("S001-007")
def test_a_score_is_explained_down_to_the_leaves_and_their_observations(place: Workplace, reading: States) -> None:
    found = why(place, reading, "top")
    assert found.split is not None
    assert found.split.difference == found.difference
    for split in (found.split, *(part.inner for part in found.split.parts if part.inner)):
        assert math.fsum(p.points for p in split.parts if p.points is not None) == pytest.approx(
            split.difference, abs=1e-9
        )
    of_top = math.fsum(part.of_top for part in leaves(found.split) if part.of_top is not None)
    assert of_top == pytest.approx(found.difference, abs=1e-9)
    assert {part.code for part in leaves(found.split)} == {"answered", "wait", "lost"}
    for part in leaves(found.split):
        (seen,) = observe(place, reading, ObserveRequest((part.code,), "all", Grain.DAY, NOW, NOW))
        assert part.now is not None
        assert part.now.observation == seen


@pytest.mark.requirement("S001-009")
def test_a_risk_adds_what_it_takes_off_more_than_before(place: Workplace, reading: States) -> None:
    found = why(place, reading, "top")
    assert found.split is not None
    risk = next(part for part in found.split.parts if part.code == "lost")

    def off(day: date) -> float:
        a, n = answered(day)
        lost = 100 * (n - a) / n
        zero = 40 + (40 - 5) * 60 / 40
        points = 60 + 40 * (40 - lost) / 35 if lost <= 40 else 60 * (zero - lost) / (zero - 40)
        return 30 * (1 - min(max(points, 0), 100) / 100)

    assert risk.at_risk == 30
    assert risk.points == pytest.approx(off(BEFORE) - off(NOW))


def test_points_missed_to_the_target_add_up_over_the_children(place: Workplace, reading: States) -> None:
    found = why(place, reading, "top", versus="target")
    assert found.split is not None
    assert found.target == 100
    assert math.fsum(p.points for p in found.split.parts if p.points is not None) == pytest.approx(
        -(found.difference or 0)
    )
    assert math.fsum(p.of_top for p in leaves(found.split) if p.of_top is not None) == pytest.approx(
        -(found.difference or 0)
    )


def test_units_of_a_score_stand_beside_each_other(place: Workplace, reading: States) -> None:
    (cut,) = why(place, reading, "top").cuts
    assert (cut.way, {piece.key for piece in cut.pieces}) == ("beside", {"east", "west"})


# --- unknown ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["answered", "top", "calls"])
def test_nothing_is_split_when_an_end_is_unknown(place: Workplace, reading: States, code: str) -> None:
    none_now = why(place, reading, code, period=period_of_day(Grain.DAY, EMPTY, ZONE))
    none_before = why(place, reading, code, period=period_of_day(Grain.DAY, BEFORE, ZONE))
    assert (none_now.reason, none_before.reason) == ("no_data_now", "no_data_before")
    for found in (none_now, none_before):
        assert (found.difference, found.split, found.cuts, found.search) == (None, None, (), None)


def test_against_a_year_without_data_the_answer_is_that_there_is_none(place: Workplace, reading: States) -> None:
    assert why(place, reading, "answered", versus="year").reason == "no_data_before"


# --- alike everywhere, and nowhere --------------------------------------------------------------


@pytest.fixture(scope="module")
def alike(tmp_path_factory: pytest.TempPathFactory, pack: Catalogue) -> Workplace:
    """Three days in eighteen parts: 90 % answered, then 60 % everywhere, then 60 % again but for chance."""
    workplace = make_workplace(tmp_path_factory.mktemp("alike"), catalogue_with(pack, INDICATORS, TREE))
    dice = random.Random(4)
    rows: list[Row] = []
    for day, rate in ((1, 0.9), (2, 0.6), (3, 0.6)):
        for unit in ("east", "west", "idle"):
            for call_type in ("PS", "NW"):
                rows += [
                    {
                        "call_id": f"{day}{unit}{call_type}{n}",
                        "unit": unit,
                        "call_type": call_type,
                        "priority": n % 3,
                        "outcome": "AGENT" if dice.random() < rate else "HANG",
                        "arrived_at": datetime(2026, 4, day, 9, n % 60, tzinfo=ZONE),
                        "wait_s": 1,
                        "ivr_s": 1,
                        "talk_s": 1,
                    }
                    for n in range(120)
                ]
    put_rows(workplace, "calls", rows)
    refresh(workplace)
    return workplace


@pytest.mark.parametrize(("day", "verdict"), [(2, "spread"), (3, "outside")])
def test_outside_these_attributes_is_an_answer(alike: Workplace, day: int, verdict: str) -> None:
    with open_states(alike) as opened:
        found = why(alike, opened, "answered", period=period_of_day(Grain.DAY, date(2026, 4, day), ZONE))
    assert found.search is not None
    assert (found.search.verdict, found.search.cells) == (verdict, ())
    assert found.search.tried == ((("unit", "call_type", "priority"), 18),)


def test_a_score_that_was_kept_from_falling_below_zero_still_adds_up() -> None:
    def scored(code: str, points: float, parts: tuple[Contribution, ...] = ()) -> Scored:
        period = period_of_day(Grain.DAY, NOW, ZONE)
        return Scored(code, "all", period, "management", Score(points, points), None, "scored", contributions=parts)

    def parent(points: float, child: float, off: float) -> Scored:
        parts = (
            Contribution("a", 1.0, 1.0, child, scored("a", child)),
            Contribution("r", 0.0, None, -off, scored("r", 50), 40.0),
        )
        return scored("p", points, parts)

    split = split_change(parent(30, 40, 10), parent(0, 10, 40), 2)
    assert split is not None
    assert split.method == "floor"
    assert [part.points for part in split.parts] == pytest.approx([-15, -15])  # alone each would take all 30
    missed = split_target(parent(0, 10, 40), 100, 2)
    assert missed is not None
    assert math.fsum(part.points or 0 for part in missed.parts) == pytest.approx(100)
