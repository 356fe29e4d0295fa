"""The source's incident of 1 March 2012, end to end: from laid rows to what the product shows of it, and late records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow.compute as pc
import pytest

from ganzhi.access.rights import LOCAL
from ganzhi.compile.trace.plan import plan_trace
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.trace.breaks import breaks
from ganzhi.trace.look import Asked, board, story, stuck
from ganzhi.trace.run import run, stale_days
from ganzhi.warehouse.workplace import Workplace
from tests.province.stage import Kept
from tests.trace.workshop import lay, whole_province, workshop

CODE, DAY = "recharge_resume", date(2012, 3, 1)
SIGNS = ("fund_changes", "system_measurements")


@pytest.fixture(scope="module")
def played() -> tuple[Kept, object]:
    return whole_province(first=date(2012, 2, 29), days=3, incidents=["recharge-2012"])


@pytest.fixture(scope="module")
def place(played: tuple[Kept, object], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    """The province's rows; the balances of the incident's day have not come yet."""
    kept, organisation = played
    with workshop(tmp_path_factory.mktemp("incident"), organisation) as opened:
        for feed in SIGNS:
            lay(opened, feed, kept.table(feed))
        refresh(opened)
        feeds = plan_trace(opened.catalogue, CODE).feeds
        for feed in (*feeds, "changes"):
            if feed not in SIGNS:
                lay(opened, feed, kept.table(feed), ["2012-02-29", "2012-03-02"] if feed == "balance_changes" else ())
        yield opened


def shas(place: Workplace, day: str) -> list[str]:
    snapshot, plan = place.store.manifest.snapshot(), plan_trace(place.catalogue, CODE)
    return [f.sha256 for feed in (plan.trace.chains, plan.trace.hops) for f in snapshot.table(f"rows/{feed}", [day])]


@pytest.mark.requirement("S000-072", "S000-074", "S000-075", "S000-076")
def test_the_incident_is_found_explained_and_late_records_put_it_right(
    place: Workplace, played: tuple[Kept, object]
) -> None:
    kept, _ = played
    early = {each.day: each for each in run(place, [CODE], last=DAY).days}
    lost = early["2012-03-01"].states["lost"]
    assert lost > 0.9 * early["2012-03-01"].chains  # nobody's balance has come
    assert stale_days(plan_trace(place.catalogue, CODE), place.store.manifest.snapshot()) == ["2012-03-02"]

    lay(place, "balance_changes", kept.table("balance_changes"), ["2012-03-01"])
    late = {each.day: each for each in run(place, [CODE], last=DAY).days}
    assert set(late) == {"2012-02-29", "2012-03-01"}  # both wait for records of that day
    first = shas(place, "2012-03-01")
    assert run(place, [CODE], last=DAY).days == ()
    assert shas(place, "2012-03-01") == first

    truth = kept.truth("recharge_chains")
    today = truth.filter(pc.equal(pc.strftime(truth.column("paid_at"), "%Y-%m-%d"), "2012-03-01"))
    span = pc.cast(pc.subtract(today.column("balance_at"), today.column("paid_at")), "int64")
    missing = pc.or_kleene(pc.is_null(span), pc.greater(span, 86_400))
    expected = set(today.filter(pc.fill_null(missing, True)).column("payment_id").to_pylist())
    asked = Asked(CODE, DAY, DAY)
    found = stuck(place, LOCAL, asked, "not_credited", most=1_000)
    assert {row.chain_id for row in found.rows} == expected
    assert found.total == len(expected) > 10
    assert all("****" in str(row.values["subscriber"]) for row in found.rows if row.values["subscriber"])
    assert all(row.shorter is None or row.shorter > 0.99 for row in found.rows)

    told = story(place, LOCAL, asked, found.rows[0].chain_id)
    assert told.state == "lost"
    assert told.stuck_at is not None
    assert sum(step.took_ms or 0 for step in told.steps if not step.beside) == told.total_ms

    with open_states(place) as reading:
        sheet = breaks(place, reading, LOCAL, CODE, DAY)
    assert sheet.broken_at == place.catalogue.traces[CODE].steps["book"].name
    assert sheet.began is not None
    assert sheet.began.astimezone(place.zone).hour in {
        7,
        8,
        9,
    }  # the incident begins at seven, database and delays by nine
    assert [hop.hop for hop in sheet.hops if hop.broken] == [
        "book",
        "create_notice",
        "update_balance",
        "send_funds_change",
    ]
    assert sheet.stopped >= found.total
    assert sheet.customers > 0.8 * sheet.chains
    signs = {sign.code: sign for sign in sheet.signs}
    assert (signs["resume.funds.invalid"].factor or 0) > 20  # the surge of invalid orders
    assert signs["system.db_connections_max"].value == 1.0  # all connections in use
    assert (signs["system.db_over_limit"].value or 0) > (signs["system.db_over_limit"].usual or 0)
    assert ("billing", "release") in {(r.values["system"], r.values["change_kind"]) for r in sheet.releases}

    whole = board(place, LOCAL, asked)
    assert sum(whole.states.values()) == whole.chains == late["2012-03-01"].chains
    assert sum(hop.n for hop in whole.hops) == sum(whole.links.values())
    assert next(each.chains for each in whole.stuck if each.code == "not_credited") == found.total


@pytest.mark.parametrize("point", ["trace.file_written", "trace.linked"])
def test_a_run_that_is_stopped_leaves_the_day_as_it_was(
    place: Workplace, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Whatever was written does not count before the commit, and the next run does the whole day."""
    day = date(2012, 3, 2)

    def stop(name: str) -> None:
        if name == point:
            raise KeyboardInterrupt

    before = place.store.manifest.head()
    with monkeypatch.context() as patched:
        patched.setattr("ganzhi.trace.run.failpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            run(place, [CODE], first=day)
    assert place.store.manifest.head() == before
    assert "2012-03-02" in stale_days(plan_trace(place.catalogue, CODE), place.store.manifest.snapshot())
    if point == "trace.linked":
        assert [each.day for each in run(place, [CODE], first=day, last=day).days] == ["2012-03-02"]
        assert stale_days(plan_trace(place.catalogue, CODE), place.store.manifest.snapshot()) == []
