"""Rebuilding sessions in a workspace: once for what changed, again for what came late, never twice, rows behind counts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.periods import Grain, parse_day
from ganzhi.ingest.load import load
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.observe import ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.views.query import PageQuery
from ganzhi.trace.ivr.page import ivr_page
from ganzhi.trace.ivr.run import run, stale_days
from ganzhi.trace.ivr.views import IvrPage, IvrQuery
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import init_workspace, opened
from tests.measure.place import put_rows

HEAD = "event_id,session_id,at,unit,customer_id,brand,menu_version,node,menu_level,menu_key,position,ivr_function,event,prompt_s"
WAYS = {
    "goal": "enter R|key R 1|enter R.1|key R.1 1|enter R.1.1|goal R.1.1|hang_up R.1.1",
    "agent": "enter R|key R 0|to_agent R.0",
    "gave_up": "enter R|key R 1|enter R.1|invalid R.1|back R.1|hang_up R",
}


def _lines(day: str, sessions: list[tuple[str, str, str, int]]) -> str:
    """Session, customer, way and hour, two seconds a step."""
    lines = [HEAD]
    for code, customer, way, hour in sessions:
        for step, event in enumerate(WAYS[way].split("|")):
            kind, node, *key = event.split()
            function = "balance" if node == "R.1.1" else ""
            at = f"{day} {hour:02}:00:{2 * step:02}"
            lines.append(
                f"{code}-{step},{code},{at},all,{customer},,2011B,{node},{node.count('.')},{''.join(key)},,{function},{kind},"
            )
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    folder = tmp_path_factory.mktemp("ivr")
    init_workspace(folder / "w")
    with opened(folder / "w") as workspace:
        _arrive(
            workspace.workplace,
            folder,
            "2012-03-01",
            [("a", "C1", "goal", 9), ("b", "C2", "agent", 10), ("c", "C3", "gave_up", 11)],
        )
        _arrive(workspace.workplace, folder, "2012-03-02", [("d", "C1", "goal", 8), ("e", "C3", "agent", 12)])
        yield workspace.workplace


def _arrive(
    place: Workplace, folder: Path, day: str, sessions: list[tuple[str, str, str, int]], name: str = ""
) -> None:
    file = folder / f"ivr_events_{day.replace('-', '')}{name}.csv"
    file.write_text(_lines(day, sessions), encoding="utf-8")
    load(place, "ivr_events", [file], mapping="ivr_events_csv")


def _page(place: Workplace, period: str) -> IvrPage:
    with open_states(place) as states:
        return ivr_page(Reader(place, states, LOCAL), PageQuery(None, period), IvrQuery())


@pytest.mark.requirement("S004-024", "S004-025", "S004-026", "S004-027", "S004-033")
def test_sessions_are_rebuilt_once_and_again_when_events_come_late(place: Workplace, tmp_path: Path) -> None:
    assert run(place).days == (("2012-03-01", 3), ("2012-03-02", 2))
    again = run(place)
    assert (again.days, again.retired, again.unchanged) == ((), (), 2)

    page = _page(place, "2012-03-01")
    assert {o.kind: o.n for o in page.outcomes} == {
        "goal": 1,
        "agent_after_goal": 0,
        "agent": 1,
        "gave_up": 1,
        "broken": 0,
    }
    assert {r.name: (r.part, r.whole) for r in page.readings} == {
        "kept": (2, 3), "goal": (1, 3), "goal_24": (0, 3), "goal_72": (0, 3), "goal_any_24": (0, 3), "goal_any_72": (0, 3),
    }  # fmt: skip
    assert page.stale == 0
    assert (page.mean_s, page.goal_s) == ((12 + 4 + 10) / 3, 10)

    refresh(place)
    day = parse_day("2012-03-01", "from")
    codes = (
        "ivr.sessions", "ivr.kept_share", "ivr.goal_kept_share", "ivr.completed_rate", "ivr.first_level_keys",
        "ivr.to_goal.mean_s", "ivr.selections.mean",
    )  # fmt: skip
    with open_states(place) as states:
        asked = ObserveRequest(codes=codes, unit="all", grain=Grain.DAY, first=day, last=day)
        seen = {each.code: (each.numerator, each.denominator) for each in observe(place, states, asked)}
    assert (seen["ivr.kept_share"], seen["ivr.goal_kept_share"], seen["ivr.completed_rate"]) == ((2, 3), (1, 3), (0, 3))
    assert (seen["ivr.to_goal.mean_s"], seen["ivr.selections.mean"]) == ((10, 1), (2, 1))
    assert (seen["ivr.sessions"][0], seen["ivr.first_level_keys"][0]) == (3, 3)

    _arrive(place, tmp_path, "2012-03-02", [("f", "C9", "goal", 20)], "_late")
    assert stale_days(place.store.manifest.snapshot()) == ["2012-03-01", "2012-03-02"]
    assert run(place).days == (("2012-03-01", 3), ("2012-03-02", 3))


@pytest.mark.requirement("S004-017", "S004-031")
def test_first_keys_and_use_of_a_version_are_those_of_its_sessions(place: Workplace) -> None:
    run(place)
    page = _page(place, "2012-03")
    keys = {each.key: (each.n, each.goal, each.agent) for each in page.keys}
    assert sum(n for n, _, _ in keys.values()) == page.sessions
    assert keys["0"] == (2, 0, 2)  # those of WAYS that ask for an agent at once
    (version,) = page.versions
    assert (version.version, version.n) == ("2011B", page.sessions)
    assert version.functions == version.goals == page.outcomes[0].n
    assert version.gave_up + version.agent + version.goals == version.n
    nothing = _page(place, "2011-01")
    assert (nothing.sessions, nothing.mean_s, nothing.presses, nothing.menus, nothing.stale) == (0, None, None, (), 0)


def test_a_run_that_is_killed_before_it_commits_leaves_the_day_as_it_was(place: Workplace, tmp_path: Path) -> None:
    _arrive(place, tmp_path, "2012-03-05", [("k", "C7", "goal", 9)])
    before = place.store.manifest.head()
    killed = subprocess.run(
        [sys.executable, "-m", "ganzhi.cli.main", "ivr", "run", "-w", str(place.root)],
        env={**os.environ, "GANZHI_FAILPOINT": "ivr.rebuilt"}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert place.store.manifest.head() == before
    assert ("2012-03-05", 1) in run(place).days


def _transfers() -> list[dict[str, object]]:
    """Nine to the voice menu and six to media, reasons, media and results in turns."""
    reasons, media, results = (
        ("password", "self_service"),
        ("sms", "app", "web"),
        ("completed", "completed", "returned"),
    )
    return [
        {
            "transfer_id": f"t{n}", "contact_id": f"c{n}", "unit": "all", "transfer_target": "ivr" if n < 9 else "media",
            "requested_at": datetime(2012, 3, 12, 2, n, tzinfo=UTC), "transfer_reason": reasons[n % 2],
            "medium": None if n < 9 else media[n % 3], "result": results[n % 3],
        }
        for n in range(15)
    ]  # fmt: skip


@pytest.mark.requirement("S004-018", "S004-019", "S004-032")
def test_what_agents_hand_on_and_what_the_menu_saves_is_counted_by_hand(place: Workplace, tmp_path: Path) -> None:
    """Transfers to the menu by reason and result, to media by medium and result; waiting, volume, transfers, agents' time."""
    ways = [("p", "C11", "goal", 9), ("q", "C12", "goal", 10), ("r", "C13", "agent", 11), ("s", "C14", "gave_up", 12)]
    _arrive(place, tmp_path, "2012-03-12", ways)
    rows, at = _transfers(), datetime(2012, 3, 12, 3, tzinfo=UTC)
    put_rows(place, "agent_transfers", rows)
    calls = [
        {
            "call_id": f"h{n}",
            "arrived_at": at,
            "unit": "all",
            "wait_s": wait,
            "talk_s": 0,
            "call_type": "PS",
            "outcome": "AGENT",
        }
        for n, wait in enumerate((10, 20, 60))
    ]
    talks = [
        {"contact_id": f"c{n}", "at": at, "unit": "all", "channel": "hotline", "contact_code": "x", "handling_s": long}
        for n, long in enumerate((100, 200))
    ]
    put_rows(place, "calls", calls)
    put_rows(place, "wrap_ups", talks)
    run(place)
    refresh(place)
    day = parse_day("2012-03-12", "from")
    with open_states(place) as states:
        for code, by, target in (
            ("transfer.to_ivr", "transfer_reason", "ivr"),
            ("transfer.to_ivr", "transfer_result", "ivr"),
            ("transfer.to_media", "medium", "media"),
            ("transfer.to_media", "transfer_result", "media"),
        ):
            asked = ObserveRequest((code,), "all", Grain.DAY, day, day, by=(by,))
            column = "result" if by == "transfer_result" else by
            expected = Counter(str(row[column]) for row in rows if row["transfer_target"] == target)
            counted = {each.slice[by]: each.numerator for each in observe(place, states, asked) if each.numerator}
            assert counted == expected
    page = _page(place, "2012-03-12")
    moved = {row.subject.code: (row.now.numerator, row.now.denominator) for row in page.transfers}
    assert moved["transfer.to_ivr_done_share"] == (6, 9)
    assert moved["transfer.ivr_returned_share"] == (3, 9)
    assert moved["transfer.media_success_rate"] == (4, 6)
    gains = {row.subject.code: (row.now.numerator, row.now.denominator) for row in page.benefits}
    assert gains["hotline.wait.mean_s"] == (90, 3)
    assert gains["ivr.sessions"][0] == 4
    assert gains["ivr.to_agent_share"] == (1, 4)
    # Two sessions ended in the menu with their goal reached; an agent takes 150 seconds for a contact.
    assert (page.handling_s, page.agent_hours) == (150, 2 * 150 / 3600)
