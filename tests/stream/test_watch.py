"""Rules that are judged as values come: what is expected, what is warned of, and that the order of arrival is nothing."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

import pytest

from ganzhi.catalogue.model.warning import GradeLimits
from ganzhi.ingest.stream.counting import recount
from ganzhi.ingest.stream.load import StreamLoader
from ganzhi.store.streams.streams import StreamState
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.limits.content import Limits, Line, content_of
from ganzhi.warn.minutes.feeds import FeedWatch
from ganzhi.warn.signal import Signal
from tests.kill.harness import copy_of
from tests.measure.place import put_rows
from tests.stream.ground import FEED, FILLED, MAPPING, START, STREAM, complaint, many, messages, place_in, rule, time_of

DAYS = 63
NOT_ALIKE = (date(2026, 9, 26), date(2026, 10, 3), date(2026, 10, 10))
"""Saturdays of Mid-Autumn and National Day: off, off, and worked."""
RULES = {
    "trial.volume": rule(by=None, hold=1),
    "trial.product": rule(by="product", only=("messaging",), at=("city",), persist=2, hold=0),
    "trial.low": rule(by=None, at=("province",), side="low", limits=GradeLimits(blue=2, yellow=1), baseline="fixed"),
}


def _past() -> list[dict[str, object]]:
    """About ten complaints in every five minutes from 9:00 to 10:10, on every day before."""
    chance = random.Random(7)
    rows: list[dict[str, object]] = []
    for back in range(1, DAYS + 1):
        start = START - timedelta(days=back, hours=1)
        for minute in range(0, 70, 5):
            for hall in ("H1", "H2"):
                when = start + timedelta(minutes=minute)
                for _ in range(chance.randint(2, 8)):
                    rows.append(
                        {
                            "complaint_id": f"p{len(rows)}",
                            "received_at": when,
                            "unit": hall,
                            **FILLED,
                            "kind": "ordinary",
                        }
                    )
    return rows


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("past")
    place = place_in(folder, RULES)
    put_rows(place, FEED, _past())
    recount(place, FEED)
    FeedWatch(place, FEED)._learn(START)
    place.store.close()
    return folder


@pytest.fixture
def place(history: Path, tmp_path: Path) -> Iterator[Workplace]:
    made = place_in(copy_of(history, tmp_path / "w"), RULES)
    yield made
    made.store.close()


def heard(place: Workplace, until: datetime) -> None:
    """Say that all events before an instant have come."""
    place.store.streams.says(StreamState(STREAM, FEED, MAPPING, "running", "", 0, until, place.clock.now()))


def told(watch: FeedWatch, code: str = "trial.volume") -> list[Signal]:
    return [each for signals in watch.turn() for each in signals if each.rule == code]


def test_an_outbreak_is_warned_of_while_its_minutes_run(place: Workplace) -> None:
    """The period is not over and yet out; its parent is warned of, the part of it says whose part it is; what is
    expected is the median of the same five minutes of the last eight such weekdays, found by hand."""
    watch, stream = FeedWatch(place, FEED), StreamLoader(place, STREAM, FEED, MAPPING)
    time_of(place).at = START + timedelta(seconds=90)
    heard(place, START)
    assert [each for each in told(watch) if each.verdict == "warned"] == []
    stream.load(messages(many(60, START)), {})
    found = {each.unit: each for each in told(watch)}
    assert (found["P"].grade, found["P"].verdict, found["P"].value) == ("red", "warned", 60.0)
    assert (found["C1"].verdict, found["C1"].reasons[-1].code) == ("withheld", "in_parent")
    past: dict[datetime, int] = {}
    for row in _past():
        when = row["received_at"]
        assert isinstance(when, datetime)
        alike = when.weekday() == START.weekday() and when.date() not in NOT_ALIKE
        if alike and (when.hour, when.minute) == (START.hour, START.minute):
            past[when] = past.get(when, 0) + 1
    assert found["P"].expected == median([past[when] for when in sorted(past)[-8:]])
    assert told(watch) == [], "nothing changed, nothing is told again"


def test_events_that_come_late_are_judged_again(place: Workplace) -> None:
    watch, stream = FeedWatch(place, FEED), StreamLoader(place, STREAM, FEED, MAPPING)
    time_of(place).at = START + timedelta(minutes=11)
    heard(place, START + timedelta(minutes=10))
    told(watch)
    late = [complaint(n, START + timedelta(minutes=1)) for n in range(80)]
    stream.load(messages(late), {})
    found = [each for each in told(watch) if each.unit == "P" and each.verdict == "warned"]
    assert (found[0].period.start.astimezone(UTC), found[0].value) == (START, 80.0)
    assert found[0].crossed == "red"


def test_too_few_is_said_only_when_all_have_come(place: Workplace) -> None:
    """Zero within the period under way is unknown; once it is heard out, it is zero, and below the limit."""
    watch = FeedWatch(place, FEED)
    time_of(place).at = START + timedelta(minutes=6)
    heard(place, START)
    assert [each for each in told(watch, "trial.low") if each.verdict == "warned" and each.period.start >= START] == []
    heard(place, START + timedelta(minutes=5))
    (found,) = [each for each in told(watch, "trial.low") if each.period.start == START]
    assert (found.value, found.grade) == (0.0, "yellow")


def test_approved_thresholds_take_the_place_of_the_models_from_their_day_on(place: Workplace) -> None:
    """Sixty complaints are red by the model; approved limits make them yellow at once, without a new start; of tomorrow's
    limits nothing is seen today."""
    watch, stream, store = FeedWatch(place, FEED), StreamLoader(place, STREAM, FEED, MAPPING), place.store.thresholds
    time_of(place).at = START + timedelta(seconds=90)
    heard(place, START)
    list(watch.turn())
    today = START.astimezone(place.zone).date()
    for first, yellow in ((today, 50.0), (today + timedelta(days=1), 1.0)):
        limits = Limits(first, (), (Line("P", {}, {"blue": yellow - 1, "yellow": yellow, "orange": yellow + 20}),))
        proposed = store.propose("trial.volume", content_of(limits), by="t", reason="t", source="t")
        store.decide(proposed, "approved", by="another")
    time_of(place).at += timedelta(seconds=31)
    stream.load(messages(many(60, START)), {})
    found = next(each for each in told(watch) if each.unit == "P" and each.verdict == "warned")
    assert (found.grade, found.value, found.made.how, found.made.version) == ("yellow", 60.0, "approved", 1)
    assert found.limits == {"blue": 49.0, "yellow": 50.0, "orange": 70.0}


def test_a_grade_waits_for_a_second_period(place: Workplace) -> None:
    watch, stream = FeedWatch(place, FEED), StreamLoader(place, STREAM, FEED, MAPPING)
    heard(place, START)
    time_of(place).at = START + timedelta(minutes=4)
    stream.load(messages(many(60, START)), {})
    assert [each for each in told(watch, "trial.product") if each.grade] == []
    time_of(place).at = START + timedelta(minutes=9)
    stream.load(messages(many(60, START + timedelta(minutes=5), 100), first=60), {"t[0]": 60})
    heard(place, START + timedelta(minutes=5))
    found = [each for each in told(watch, "trial.product") if each.grade]
    assert [(each.unit, each.slice, each.period.start.astimezone(UTC)) for each in found] == [
        ("C1", {"product": "messaging"}, START + timedelta(minutes=5))
    ]


def test_the_order_of_arrival_decides_nothing(place: Workplace) -> None:
    """Whatever comes in whatever order and is judged in between, in the end every series stands as if all had come at
    once."""
    chance = random.Random(11)
    events = []
    for n in range(400):
        minute = chance.choice((0, 1, 2, 6, 7, 11, 16, 17, 18, 22))
        events.append(
            complaint(n, START + timedelta(minutes=minute, seconds=n % 60), chance.choice(("H1", "H1", "H2")))
        )
    chance.shuffle(events)
    stream, watch = StreamLoader(place, STREAM, FEED, MAPPING), FeedWatch(place, FEED)
    done = 0
    for turn in range(8):
        time_of(place).at = START + timedelta(minutes=23 + turn)
        heard(place, START + timedelta(minutes=3 * turn))
        some = events[turn * 50 : turn * 50 + 50]
        stream.load(messages(some, first=done), place.store.streams.offsets(STREAM))
        done += len(some)
        list(watch.turn())
    heard(place, START + timedelta(minutes=25))
    list(watch.turn())
    fresh = FeedWatch(place, FEED)
    list(fresh.turn())
    assert _standing(watch) == _standing(fresh)
    assert any(grade for *_, grade in _standing(watch))


def _standing(watch: FeedWatch) -> list[tuple[str, str, str, float | None, str | None]]:
    """Of every rule, series and period from the first event on: its value and the grade in force."""
    found: list[tuple[str, str, str, float | None, str | None]] = []
    for each in watch._watches:
        for (unit, _), lane in sorted(each._lanes.items()):
            for period, step in zip(each.periods, lane.steps, strict=True):
                if period.start >= START:
                    value = None if step.value is None else step.value.value
                    found.append((each.code, unit, period.key, value, step.state.grade))
    return found
