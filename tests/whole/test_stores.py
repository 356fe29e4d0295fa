"""The whole chain on both stores, and loads beside a reader that never sees half of one."""

from __future__ import annotations

import gzip
import threading
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain, Period, parse_period
from ganzhi.ingest.load import load
from ganzhi.measure.observation import Observation, ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.warehouse.workplace import Workplace
from ganzhi.wiring import init_workspace, open_workspace

CODES = ("hotline.calls", "hotline.answered", "hotline.talk.mean_s", "hotline.wait.p90_s", "hotline.agents")


def _january(place: Workplace) -> list[Observation]:
    request = ObserveRequest(CODES, "all", Grain.DAY, date(1999, 1, 1), date(1999, 1, 31))
    with open_states(place) as states:
        return observe(place, states, request)


def test_the_numbers_are_the_same_on_postgresql_as_on_sqlite(
    tmp_path: Path, sample_calls: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for name, url in (("sqlite", ""), ("postgres", postgres_url)):
        monkeypatch.setenv("GANZHI_STORE_URL", url)
        init_workspace(tmp_path / name)
        workspace = open_workspace(tmp_path / name)
        assert workspace.workplace.store.manifest.head() == 0
        load(workspace.workplace, "calls", [sample_calls], "anonymous_bank")
        again = load(workspace.workplace, "calls", [sample_calls], "anonymous_bank")[0]
        assert again.already_loaded
        refresh(workspace.workplace)
        found.append([each.as_json() for each in _january(workspace.workplace)])
        workspace.close()
    assert found[0] == found[1]
    assert sum(each["numerator"] or 0 for each in found[0] if each["code"] == "hotline.calls") == 31359


def _pieces(sample: Path, folder: Path, count: int) -> list[Path]:
    """The sample cut into files of successive lines."""
    with gzip.open(sample, "rt", encoding="utf-8", newline="") as text:
        header, *lines = [line for line in text.read().split("\r\n") if line][:2401]
    size = len(lines) // count
    made = []
    for number in range(count):
        path = folder / f"piece-{number}.txt"
        body = [header, *lines[number * size : (number + 1) * size], ""]
        path.write_text("\r\n".join(body), encoding="utf-8", newline="")
        made.append(path)
    return made


def test_readers_beside_loads_see_numbers_that_agree_with_their_records(tmp_path: Path, sample_calls: Path) -> None:
    init_workspace(tmp_path / "w")
    workspace = open_workspace(tmp_path / "w")
    place = workspace.workplace
    stop = threading.Event()
    totals: list[int] = []
    failed: list[BaseException] = []

    def read() -> None:
        month = RecordsRequest("hotline.calls", "all", _month(place), stale="show", limit=1)
        while not stop.wait(0.05):
            try:
                with open_states(place) as states:
                    totals.append(records(place, states, month).total)  # raises when count and rows differ
            except BaseException as error:  # noqa: BLE001 - reported by the test itself
                failed.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    whole = [0]
    for piece in _pieces(sample_calls, tmp_path, 4):
        load(place, "calls", [piece], "anonymous_bank")
        refresh(place)
        with open_states(place) as states:
            whole.append(records(place, states, RecordsRequest("hotline.calls", "all", _month(place), limit=1)).total)
    stop.set()
    for reader in readers:
        reader.join()
    workspace.close()
    assert failed == []
    assert set(totals) <= set(whole)
    assert totals == sorted(totals)
    assert len(set(totals)) > 1, "the readers must have seen more than one state"


def _month(place: Workplace) -> Period:
    return parse_period("1999-01", place.zone)
