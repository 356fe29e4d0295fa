"""Clocks and hand-overs over two real logs of tickets, against what the logs themselves say (S003-004)."""

from __future__ import annotations

import csv
import gzip
import itertools
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ganzhi.catalogue.model.handling import TimeLimit
from ganzhi.complaints.clocks import Clocks, Happening, read_clocks
from ganzhi.complaints.worktime import Calendar

ALWAYS = Calendar(ZoneInfo("UTC"), ((time(0), None),), frozenset(), frozenset(), every_day=True)
FAR = datetime(2030, 1, 1, tzinfo=UTC)
LIMITS = {"3 - Moderate": 90, "4 - Low": 100}
"""Hours; any limit in (88.1, 91.3) and (77.7, 119.8) splits the log as its own mark does. It does not say its limits."""

Row = dict[str, str]


def _at(text: str) -> datetime:
    return datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=UTC)


def _incidents(shared_data: Path) -> dict[str, list[Row]]:
    path = shared_data / "servicenow_incident_log_sample" / "incident_event_log_5998.csv.gz"
    found: dict[str, list[Row]] = {}
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["number"], []).append(row)
    return {
        name: sorted(rows, key=lambda row: (_at(row["sys_updated_at"]), int(row["sys_mod_count"])))
        for name, rows in found.items()
    }


def _told(rows: list[Row]) -> Iterator[Happening]:
    """An incident's story, as the events tell it."""
    yield Happening(_at(rows[0]["opened_at"]), "received")
    waits = closed = False
    for row in rows:
        at = max(_at(row["sys_updated_at"]), _at(rows[0]["opened_at"]))
        if row["assignment_group"] != "?":
            yield Happening(at, "assigned", row["assignment_group"])
        over = row["incident_state"] in ("Resolved", "Closed")
        waiting = row["incident_state"] == "Awaiting User Info"
        if over and not closed:
            yield Happening(at, "closed")
        elif closed and not over:
            yield Happening(at, "reopened")
        elif waits != waiting and not closed and not over:
            yield Happening(at, "waiting" if waiting else "answered")
        waits, closed = waiting, over


def _read(rows: list[Row], hours: int, *, pauses: bool = True) -> Clocks:
    told = [each for each in _told(rows) if pauses or each.what not in ("waiting", "answered")]
    return read_clocks(told, TimeLimit(hours=Decimal(hours)), ALWAYS, FAR)


@pytest.mark.requirement("S003-004")
def test_hand_overs_and_reopenings_are_those_of_the_incident_log(shared_data: Path) -> None:
    incidents = _incidents(shared_data)
    assert (len(incidents), sum(map(len, incidents.values()))) == (890, 5998)
    marks = Counter(rows[-1]["made_sla"] for rows in incidents.values())
    assert (marks["TRUE"], marks["FALSE"]) == (495, 395)
    handed, opened = 0, 0
    for rows in incidents.values():
        clocks = _read(rows, 48)
        groups = [row["assignment_group"] for row in rows if row["assignment_group"] != "?"]
        assert clocks.handovers == sum(a != b for a, b in itertools.pairwise(groups))
        handed += clocks.handovers == int(rows[-1]["reassignment_count"])
        opened += clocks.reopened == int(rows[-1]["reopen_count"])
    # The other 35 were handed on between two logged events, or from a group that the log does not name; one was reopened unlogged.
    assert (handed, opened) == (855, 889)


def test_one_limit_for_each_priority_splits_the_incidents_as_their_own_mark_does(shared_data: Path) -> None:
    wrong, told = [], 0
    for name, rows in _incidents(shared_data).items():
        last = rows[-1]
        if last["priority"] in LIMITS and last["resolved_at"] != "?":
            hours = LIMITS[last["priority"]]
            begin = Happening(_at(last["opened_at"]), "received")
            over = Happening(_at(last["resolved_at"]), "closed")
            clock = read_clocks([begin, over], TimeLimit(hours=Decimal(hours)), ALWAYS, FAR).ticket
            assert clock is not None
            assert clock.spent == over.at - begin.at
            told += 1
            if (clock.state == "kept") != (last["made_sla"] == "TRUE"):
                wrong.append(name)
    assert (told, len(wrong)) == (813, 1)


_EVENT = re.compile(
    r"<event>\s*<string key=\"concept:name\" value=\"([^\"]+)\"/>.*?<date key=\"time:timestamp\" value=\"([^\"]+)\"/>"
    r".*?<string key=\"org:group\" value=\"([^\"]+)\"/>",
    re.DOTALL,
)


def _problems(shared_data: Path) -> list[list[tuple[str, datetime, str]]]:
    text = gzip.decompress(
        (shared_data / "bpic2013" / "BPI_Challenge_2013_closed_problems.xes.gz").read_bytes()
    ).decode()
    return [
        [(name, datetime.fromisoformat(at), group) for name, at, group in _EVENT.findall(trace)]
        for trace in text.split("<trace>")[1:]
    ]


@pytest.mark.requirement("S003-004")
def test_problems_wait_and_change_hands_as_their_events_say(shared_data: Path) -> None:
    problems = _problems(shared_data)
    names = Counter(name for events in problems for name, _, _ in events)
    assert (len(problems), sum(names.values()), names["Accepted-Wait"]) == (1487, 6660, 527)
    handovers = 0
    for events in problems:
        told = [Happening(events[0][1], "received")]
        waits, closed = False, False
        for name, at, group in events:
            told.append(Happening(at, "assigned", group))
            if name.startswith("Completed"):
                told += [] if closed else [Happening(at, "closed")]
                closed = True
            elif closed:
                told.append(Happening(at, "reopened"))
                closed = False
            if not closed and (name == "Accepted-Wait") != waits:
                waits = not waits
                told.append(Happening(at, "waiting" if waits else "answered"))
            waits = waits and not closed
        clocks = read_clocks(told, TimeLimit(hours=Decimal(80)), ALWAYS, FAR)
        groups = [group for _, _, group in events]
        changes = sum(a != b for a, b in itertools.pairwise(groups))
        assert clocks.handovers == changes
        handovers += changes
        # Independently: every stretch between two events runs, but those that begin with a wait or after a closing.
        ran = timedelta(0)
        for (name, at, _), (_, until, _) in itertools.pairwise(events):
            ran += timedelta(0) if name == "Accepted-Wait" or name.startswith("Completed") else until - at
        if events[-1][0].startswith("Completed"):
            assert clocks.ticket is not None
            assert clocks.ticket.spent == ran
    assert handovers == sum(a[2] != b[2] for events in problems for a, b in itertools.pairwise(events))
