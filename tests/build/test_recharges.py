"""A family of sharded, dated files in GB18030 with code lists: the channel payment log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.base.clock import FixedClock
from ganzhi.base.periods import Grain
from ganzhi.ingest.load import load
from ganzhi.measure.build.arrival import arrival_page
from ganzhi.measure.observation import ObserveRequest
from ganzhi.measure.observe import observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.wiring import Workspace, init_workspace, open_workspace

HEADER = "charge_id|acct_id|charge_type|charge_fee|charge_time|region_code"
DAYS = ("20120301", "20120302", "20120304")
SHARDS = ("001", "002", "003", "004")
MISSING = ("004", "20120302")
TYPES = ("2", "2", "2", "3", "3", "4")


def _file(folder: Path, shard: str, day: str, types: tuple[str, ...] = TYPES) -> Path:
    lines = [HEADER]
    for number, kind in enumerate(types):
        lines.append(f"{day}{shard}{number}|账户{shard}{number}|{kind}|{1000 * (number + 1)}|{day}1{number}3000|all")
    path = folder / f"epay_charge_record_{shard}_{day}.txt"
    path.write_bytes(("\n".join(lines) + "\n").encode("gb18030"))
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    init_workspace(tmp_path / "w")
    opened = open_workspace(tmp_path / "w", FixedClock(datetime(2012, 3, 5, 1, tzinfo=UTC)))
    yield opened
    opened.close()


def _family(folder: Path) -> list[Path]:
    return [_file(folder, shard, day) for day in DAYS for shard in SHARDS if (shard, day) != MISSING]


@pytest.mark.requirement("S000-069")
def test_a_family_of_sharded_dated_files_is_one_source_and_shows_what_is_missing(
    workspace: Workspace, tmp_path: Path
) -> None:
    place = workspace.workplace
    reports = load(place, "recharges", _family(tmp_path))
    assert {report.mapping for report in reports} == {"epay_charge_record"}
    refresh(place)
    request = ObserveRequest(("recharge.payments",), "all", Grain.DAY, date(2012, 3, 1), date(2012, 3, 4))
    with open_states(place) as states:
        found = {o.period.key: (o.value, o.completeness) for o in observe(place, states, request)}
    assert found == {
        "2012-03-01": (24, 1.0),
        "2012-03-02": (18, 0.75),
        "2012-03-03": (None, 0.0),
        "2012-03-04": (24, 1.0),
    }
    source = next(s for s in arrival_page(place, LOCAL).sources if s.last_day is not None)
    assert source.missing == (date(2012, 3, 3),)


@pytest.mark.requirement("S000-061")
def test_payment_type_codes_are_mapped_and_unknown_ones_are_kept_and_reported(
    workspace: Workspace, tmp_path: Path
) -> None:
    place = workspace.workplace
    report = load(place, "recharges", [_file(tmp_path, "001", "20120301", (*TYPES, "9", "9"))])[0]
    assert report.tally.accepted == 8
    assert report.unknown_codes == {"channel": {"9": 2}}
    refresh(place)
    request = ObserveRequest(
        ("recharge.payments",), "all", Grain.DAY, date(2012, 3, 1), date(2012, 3, 1), by=("channel",)
    )
    with open_states(place) as states:
        found = {o.slice["channel"]: o.value for o in observe(place, states, request)}
    assert found == {"payment_card": 3, "cash": 2, "remote": 1, "other": 2}


OVERLAY = """
code_lists:
  recharge_channels:
    entries:
      - {code: "2", to: payment_card}
      - {code: "3", to: cash}
      - {code: "4", to: remote, valid_to: "2012-03-01"}
      - {code: "4", to: bank, valid_from: "2012-03-02"}
"""


@pytest.mark.requirement("S000-061")
def test_a_code_means_what_it_meant_on_the_day_of_the_payment(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w")
    (tmp_path / "w" / "catalogue" / "codes.yaml").write_text(OVERLAY, encoding="utf-8")
    workspace = open_workspace(tmp_path / "w", FixedClock(datetime(2012, 3, 5, 1, tzinfo=UTC)))
    place = workspace.workplace
    load(place, "recharges", [_file(tmp_path, "001", day) for day in DAYS[:2]])
    refresh(place)
    request = ObserveRequest(
        ("recharge.payments",), "all", Grain.DAY, date(2012, 3, 1), date(2012, 3, 2), by=("channel",)
    )
    with open_states(place) as states:
        found = {(o.period.key, o.slice["channel"]): o.value for o in observe(place, states, request)}
    workspace.close()
    assert (found["2012-03-01", "remote"], found["2012-03-02", "remote"]) == (1, 0)
    assert (found["2012-03-01", "bank"], found["2012-03-02", "bank"]) == (0, 1)
