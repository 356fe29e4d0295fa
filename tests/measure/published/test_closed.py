"""Closed periods: what was shown stays; what is known now stands beside it, with the reason."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain, Period, period_of_day
from ganzhi.catalogue.model.whole import Catalogue
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.publish.publish import publish
from ganzhi.measure.publish.tables import KINDS
from ganzhi.measure.refresh import refresh
from ganzhi.measure.reported.close import Rule, close, close_due, due_closings
from ganzhi.measure.reported.reported import (
    Difference,
    Reported,
    difference,
    reported,
    reported_scores,
    reported_shares,
    score_difference,
)
from ganzhi.measure.reported.shown import reported_otherwise
from ganzhi.measure.score import ScoreRequest, score_all
from ganzhi.store.manifest import Change
from ganzhi.store.open import open_store
from ganzhi.warehouse.sweep import sweep
from ganzhi.warehouse.workplace import Workplace
from tests.measure.place import NOW, catalogue_with, make_workplace, put_rows, set_rows
from tests.measure.published.test_publish import ORGANISATION, call, indicators, some_calls

ZONE = ZoneInfo("Asia/Shanghai")
JANUARY = period_of_day(Grain.MONTH, date(1999, 1, 1), ZONE)
UNITS = ("all", "east", "e1", "w1", "new")
CODES = tuple(code for code, each in indicators().items() if each.measure)


def small(folder: Path, pack: Catalogue) -> Workplace:
    """Calls of 30 January to 2 February, refreshed and published by the month."""
    catalogue = replace(catalogue_with(pack, indicators(), ORGANISATION), version="small 1+aaa")
    workplace = make_workplace(folder, catalogue)
    put_rows(workplace, "calls", some_calls())
    refresh(workplace)
    return workplace


def now(workplace: Workplace, period: Period = JANUARY, stale: bool = False) -> dict[tuple[str, str], Observation]:
    found = {}
    with open_states(workplace) as reading:
        for unit in UNITS:
            if unit not in workplace.catalogue.units:
                continue
            request = ObserveRequest(
                CODES, unit, period.grain, period.first_day, period.last_day, stale="show" if stale else "refuse"
            )
            found |= {(each.code, unit): each for each in observe(workplace, reading, request)}
    return found


def then(workplace: Workplace, edition: int | None = None) -> dict[tuple[str, str], Reported]:
    with open_states(workplace) as reading:
        found = reported(workplace, reading, CODES, UNITS, [JANUARY], edition)
    return {(code, unit): each for (code, unit, _), each in found.items()}


def numbers(found: dict[tuple[str, str], Reported]) -> dict[tuple[str, str], tuple[object, ...]]:
    return {key: (r.value.value, r.value.n, r.value.completeness) for key, r in found.items()}


def different(workplace: Workplace) -> dict[tuple[str, str], Difference]:
    seen = now(workplace)
    found = {key: difference(workplace, each, seen.get(key)) for key, each in then(workplace).items()}
    return {key: each for key, each in found.items() if each is not None}


def test_a_closing_keeps_every_number_as_it_was_shown(tmp_path: Path, pack: Catalogue) -> None:
    workplace = small(tmp_path, pack)
    shown = now(workplace)
    made = close(workplace, JANUARY, actor="lin", note="monthly report")
    assert (made.edition, made.actor, made.note, made.closed_at) == (1, "lin", "monthly report", NOW)
    assert made.catalogue_version == "small 1+aaa"
    assert numbers(then(workplace)) == {key: (o.value, o.n, o.completeness) for key, o in shown.items()}
    assert different(workplace) == {}
    with open_states(workplace) as reading:
        scored = score_all(
            workplace, reading, ScoreRequest(("top",), "all", Grain.MONTH, date(1999, 1, 1), date(1999, 1, 31))
        )[0]
        kept = reported_scores(workplace, reading, ["top"], ["all"], [JANUARY], "management")[
            "top", "all", JANUARY.start
        ]
        shares = reported_shares(workplace, reading, "top", "all", JANUARY, "management")
        assert scored.score is not None
        assert (kept.score.points, kept.score.unclipped) == (scored.score.points, scored.score.unclipped)
        assert score_difference(workplace, kept, scored) is None
    assert {s.child: s.points for s in shares} == {
        c.code: c.points for c in scored.contributions if c.points is not None
    }


def test_a_late_file_stands_beside_what_was_reported_and_a_new_edition_leaves_the_old_one(
    tmp_path: Path, pack: Catalogue
) -> None:
    workplace = small(tmp_path, pack)
    close(workplace, JANUARY, actor="lin")
    first = numbers(then(workplace))
    load = put_rows(workplace, "calls", [call(99, datetime(1999, 1, 31, 22, tzinfo=ZONE), "e1", outcome="HANG")])
    refresh(workplace)
    publish(workplace, grains=[Grain.MONTH])
    assert numbers(then(workplace)) == first
    found = different(workplace)
    assert found["volume", "e1"] == Difference(1.0, ("late",), (f"{load}.csv",))
    assert {unit for _, unit in found} == {"e1", "east", "all"}
    with open_states(workplace) as reading:
        page = reported_otherwise(workplace, reading, "volume", "e1", JANUARY)
        score = reported_otherwise(workplace, reading, "access", "all", JANUARY)
        assert reported_otherwise(workplace, reading, "volume", "w1", JANUARY) is None
        assert reported_otherwise(workplace, reading, "volume", "e1", JANUARY.following()) is None
    assert page is not None
    assert (page.now.value, page.then.value, page.edition, page.closed_by) == (
        page.then.value + 1,
        first["volume", "e1"][0],
        1,
        "lin",
    )  # type: ignore[operator]
    assert score is not None
    assert (score.reasons, score.difference) == (("late",), score.now.value - score.then.value)  # type: ignore[operator]
    again = close(workplace, JANUARY, actor="wang", note="corrected")
    assert again.edition == 2
    assert different(workplace) == {}
    assert numbers(then(workplace, edition=1)) == first
    assert numbers(then(workplace)) != first


def test_another_definition_is_told_from_other_data(tmp_path: Path, pack: Catalogue) -> None:
    workplace = small(tmp_path, pack)
    close(workplace, JANUARY, actor="lin")
    changed = indicators()
    changed["hung"] = changed["hung"].model_copy(
        update={"count": changed["hung"].count.model_copy(update={"where": "outcome = 'NOBODY'"})}
    )  # type: ignore[union-attr]
    later = replace(workplace, catalogue=replace(workplace.catalogue, indicators=changed, version="small 2+bbb"))
    refresh(later)
    found = different(later)
    assert {code for code, _ in found} == {"hung"}
    assert {each.reasons for each in found.values()} == {("catalogue",)}
    with open_states(later) as reading:
        kept = reported_scores(later, reading, ["top", "answered"], ["all"], [JANUARY], "management")
        request = ScoreRequest(("top", "answered"), "all", Grain.MONTH, date(1999, 1, 1), date(1999, 1, 31))
        top, answered = score_all(later, reading, request)
    apart = score_difference(later, kept["top", "all", JANUARY.start], top)
    assert apart is not None
    assert apart.reasons == ("catalogue",)
    assert score_difference(later, kept["answered", "all", JANUARY.start], answered) is None


def test_what_was_reported_survives_rows_states_and_definitions(tmp_path: Path, pack: Catalogue) -> None:
    """Rows are dropped, everything computed is thrown away, indicator and unit are no longer declared, and what is
    superseded is swept from the disk."""
    workplace = small(tmp_path, pack)
    close(workplace, JANUARY, actor="lin")
    first = numbers(then(workplace))
    fewer = {code: each for code, each in indicators().items() if code not in ("who", "each")}
    other = {code: unit for code, unit in ORGANISATION.items() if code != "w1"}
    later = replace(
        workplace,
        catalogue=replace(workplace.catalogue, indicators=fewer, units=other, version="small 3+ccc"),
        clock=FixedClock(NOW + timedelta(days=400)),
    )
    files = [f for f in workplace.store.manifest.snapshot().files if not f.table.startswith("reported_")]
    assert {f.table.split("/")[0] for f in files} > {"rows", "day", *KINDS}
    workplace.store.manifest.commit(Change("retention", retire=tuple(f.id for f in files)))
    sweep(replace(later, store=open_store(f"sqlite:///{tmp_path / 'store.sqlite'}", later.clock)), grace_s=0.0)
    assert not [path for path in (tmp_path / "warehouse" / "data").rglob("*.parquet") if "reported" not in str(path)]
    assert numbers(then(later)) == first
    gone = then(later)["who", "w1"]
    found = difference(later, gone, None)
    assert found is not None
    assert (found.amount, found.reasons) == (None, ("catalogue",))


def test_a_killed_closing_is_absent_or_whole(tmp_path: Path, pack: Catalogue) -> None:
    workplace = small(tmp_path, pack)
    publish(workplace, grains=[Grain.MONTH])
    shown, before = now(workplace), workplace.store.manifest.head()
    for point in ("close.written", "store.within_commit", "store.before_commit"):
        assert killed(workplace, tmp_path, point)
        assert (workplace.store.closings.all(), workplace.store.manifest.head()) == ((), before)
        assert not [t for t in workplace.store.manifest.snapshot().tables() if t.startswith("reported_")]
    assert killed(workplace, tmp_path, "store.after_commit")
    assert [each.edition for each in workplace.store.closings.all()] == [1]
    assert numbers(then(workplace)) == {key: (o.value, o.n, o.completeness) for key, o in shown.items()}


def killed(workplace: Workplace, folder: Path, point: str) -> bool:
    """Close in a process that dies at a point; whether it did."""
    pid = os.fork()
    if pid == 0:
        os.environ["GANZHI_FAILPOINT"] = point
        close(
            replace(workplace, store=open_store(f"sqlite:///{folder / 'store.sqlite'}", workplace.clock)),
            JANUARY,
            actor="x",
        )
        os._exit(1)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def test_a_period_that_is_not_over_not_computed_or_unknown_is_not_closed(tmp_path: Path, pack: Catalogue) -> None:
    workplace = small(tmp_path, pack)
    put_rows(workplace, "calls", [call(99, datetime(1999, 1, 31, 22, tzinfo=ZONE), "e1")])

    def refused(period: Period) -> list[str]:
        with pytest.raises(InputError) as caught:
            close(workplace, period, actor="lin")
        return [issue.code for issue in caught.value.issues]

    zone = workplace.zone
    assert refused(JANUARY) == ["MEA022"]
    assert refused(period_of_day(Grain.MONTH, date(1998, 1, 1), zone)) == ["MEA023"]
    assert refused(period_of_day(Grain.YEAR, NOW.date(), zone)) == ["MEA021"]
    hour = Period(Grain.HOUR, JANUARY.start, JANUARY.start + timedelta(hours=1))
    assert refused(hour) == ["MEA020"]
    assert workplace.store.closings.all() == ()


def test_the_rule_closes_each_period_once_when_its_days_are_over(tmp_path: Path, pack: Catalogue) -> None:
    workplace = small(tmp_path, pack)
    rules = (Rule(Grain.MONTH, 5), Rule(Grain.WEEK, 2))

    def at(*moment: int) -> Workplace:
        clock = FixedClock(datetime(*moment, tzinfo=ZONE).astimezone(UTC))  # type: ignore[arg-type]
        return replace(workplace, clock=clock)

    def due(*moment: int) -> list[str]:
        place = at(*moment)
        return [period.key for period in due_closings(place, rules, place.clock.now())]

    assert due(1999, 2, 2, 23) == []
    assert due(1999, 2, 3) == ["1999-W04"]
    assert due(1999, 2, 5, 23) == ["1999-W04"]
    assert due(1999, 2, 6) == ["1999-W04", "1999-01"]
    made = close_due(at(1999, 2, 6), rules)
    assert [(each.grain, each.first_day.isoformat(), each.actor) for each in made] == [
        ("week", "1999-01-25", "schedule"),
        ("month", "1999-01-01", "schedule"),
    ]
    assert close_due(at(1999, 2, 7), rules) == ()
    set_rows(workplace, "calls", some_calls()[:30])
    assert close_due(at(1999, 3, 30), rules) == ()  # February's rows are not computed; it is left for the next time
    refresh(workplace)
    assert [each.first_day.isoformat() for each in close_due(at(1999, 3, 30), rules)] == ["1999-02-01", "1999-02-01"]
