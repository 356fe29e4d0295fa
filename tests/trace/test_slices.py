"""Hops split by channel, hour and unit, and the time from payment to resume, against plain Python; and linking killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from math import ceil
from typing import Any

import pyarrow.parquet as pq
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Grain
from ganzhi.compile.trace.plan import plan_trace
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.trace.look import Asked, board
from ganzhi.trace.run import run, stale_days
from ganzhi.trace.slices import sliced
from ganzhi.warehouse.workplace import Workplace
from tests.trace.workshop import lay, whole_province, workshop

pytestmark = pytest.mark.xdist_group("trace_slices")

CODE, DAY = "recharge_resume", date(2012, 2, 28)
Row = Mapping[str, Any]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """Two days of a small province; recharges of the second are linked, enquiries are not."""
    kept, organisation = whole_province(first=DAY, days=2, scale=0.003)
    with workshop(tmp_path_factory.mktemp("slices"), organisation) as opened:
        feeds = (*plan_trace(opened.catalogue, CODE).feeds, *plan_trace(opened.catalogue, "bill_enquiry").feeds)
        for feed in dict.fromkeys(feeds):
            lay(opened, feed, kept.table(feed))
        run(opened, [CODE], first=DAY, last=DAY)
        yield opened


def rows_of(place: Workplace, feed: str) -> list[Row]:
    files = place.store.manifest.snapshot().table(f"rows/{feed}", [DAY.isoformat()])
    return [row for file in files for row in pq.read_table(place.files.path(file)).to_pylist()]


def disc(values: list[int], p: float) -> int | None:
    """The smallest value that at least a share p of them do not exceed."""
    return sorted(values)[max(1, ceil(p * len(values))) - 1] if values else None


def city(place: Workplace, unit: str) -> str:
    above = place.catalogue.units[unit].parent
    return unit if above in (None, place.catalogue.root_unit) else city(place, str(above))


@pytest.mark.parametrize("by", ["entry", "hour_of_day", "unit", "link_way"])
def test_split_hops_are_those_of_plain_python(place: Workplace, by: str) -> None:
    plan = plan_trace(place.catalogue, CODE)
    side: dict[str, Callable[[Row], str]] = {
        "entry": lambda row: str(row["entry"]),
        "link_way": lambda row: str(row["how"]),
        "hour_of_day": lambda row: f"{row['begun_at'].astimezone(place.zone).hour:02d}",
        "unit": lambda row: city(place, str(row["unit"])),
    }
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows_of(place, plan.trace.hops):
        groups[row["hop"], side[by](row)].append(row)
    expected = {}
    for key, rows in groups.items():
        direct = [row["duration_ms"] for row in rows if row["from_step"] == plan.step(key[0]).after]
        expected[key] = (len(rows), sum(bool(row["over_limit"]) for row in rows), disc(direct, 0.5), disc(direct, 0.99))
    found = sliced(place, LOCAL, Asked(CODE, DAY, DAY), by)
    assert {(r.hop, r.slice): (r.n, r.over, r.p50_ms, r.p99_ms) for r in found.rows} == expected
    assert sum(row.n for row in found.rows) == sum(row.n for row in board(place, LOCAL, Asked(CODE, DAY, DAY)).hops)
    assert by in {each.code for each in found.sides}
    assert len({row.slice for row in found.rows}) > 1


def test_hops_cannot_be_split_by_anything(place: Workplace) -> None:
    with pytest.raises(InputError, match="TRC007"):
        sliced(place, LOCAL, Asked(CODE, DAY, DAY), "subscriber")


@pytest.mark.requirement("S000-073")
def test_the_time_from_payment_to_resume_by_channel_hour_and_branch_is_that_of_plain_python(place: Workplace) -> None:
    """Its distribution and the share within half an hour; small parts included, for whoever may see them."""
    refresh(place, DAY, DAY)
    due = [
        row for row in rows_of(place, "recharge_chains") if row["was_suspended"] and row["resume_due"]
    ]  # fmt: skip
    side: dict[str, Callable[[Row], str]] = {
        "entry": lambda row: str(row["entry"]),
        "hour_of_day": lambda row: str(row["paid_at"].astimezone(place.zone).hour),
        "unit": lambda row: city(place, str(row["unit"])),
    }
    codes = ("resume.resumed_within_30min", "resume.resume_p90_s")
    assert len(due) > 30
    with open_states(place) as states:
        for by, of in side.items():
            groups: dict[str, list[Row]] = defaultdict(list)
            for row in due:
                groups[of(row)].append(row)
            units = tuple(groups) if by == "unit" else ()
            request = ObserveRequest(
                codes, place.catalogue.root_unit, Grain.DAY, DAY, DAY, units=units, by=() if by == "unit" else (by,)
            )
            found = {
                (each.code, each.unit if by == "unit" else str(each.slice[by])): each
                for each in observe(place, states, request)
            }
            for name, rows in groups.items():
                took = [row for row in rows if row["resumed"]]
                seconds = [int((row["state_at"] - row["paid_at"]).total_seconds()) for row in took]
                within = found[codes[0], name]
                assert (within.numerator, within.denominator) == (sum(s <= 1_800 for s in seconds), len(rows)), (
                    by,
                    name,
                )
                if seconds:
                    assert found[codes[1], name].value == pytest.approx(disc(seconds, 0.9), rel=0.0101)


@pytest.mark.parametrize("point", ["trace.file_written", "trace.linked"])
def test_killed_at_a_failpoint_a_day_is_as_it_was_and_the_next_run_does_it(place: Workplace, point: str) -> None:
    before = place.store.manifest.head()
    told = [
        sys.executable,
        "-m",
        "ganzhi.cli.main",
        "trace",
        "run",
        "bill_enquiry",
        "--from",
        str(DAY),
        "-w",
        str(place.root),
    ]
    killed = subprocess.run(told, env={**os.environ, "GANZHI_FAILPOINT": point}, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert place.store.manifest.head() == before
    plan = plan_trace(place.catalogue, "bill_enquiry")
    assert str(DAY) in stale_days(plan, place.store.manifest.snapshot())
    if point == "trace.linked":
        assert [each.day for each in run(place, ["bill_enquiry"], first=DAY, last=DAY).days] == [str(DAY)]
        assert str(DAY) not in stale_days(plan, place.store.manifest.snapshot())
