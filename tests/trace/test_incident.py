"""The source's incident of 1 March 2012, end to end: from laid rows to what the product shows of it, and late records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pyarrow.compute as pc
import pytest

from ganzhi.access.rights import LOCAL, AccessError
from ganzhi.base.errors import InputError
from ganzhi.cli.main import run as command
from ganzhi.compile.trace.plan import plan_trace
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.trace.breaks import breaks
from ganzhi.trace.look import Asked, board, story, stuck
from ganzhi.trace.run import run, stale_days
from ganzhi.warehouse.workplace import Workplace
from tests.province.stage import Kept
from tests.trace.workshop import lay, whole_province, workshop

pytestmark = pytest.mark.xdist_group("trace_incident")

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
    signs = {sign.subject.code: sign for sign in sheet.signs}
    assert (signs["resume.funds.invalid"].factor or 0) > 20  # the surge of invalid orders
    assert signs["system.db_connections_max"].value == 1.0  # all connections in use
    assert (signs["system.db_over_limit"].value or 0) > (signs["system.db_over_limit"].usual or 0)
    assert ("billing", "release") in {(r.values["system"], r.values["change_kind"]) for r in sheet.releases}

    whole = board(place, LOCAL, asked)
    assert sum(whole.states.values()) == whole.chains == late["2012-03-01"].chains
    assert sum(hop.n for hop in whole.hops) == sum(whole.links.values())
    assert next(each.chains for each in whole.stuck if each.code == "not_credited") == found.total


def test_a_viewer_finds_chains_of_their_own_units_only(place: Workplace) -> None:
    """Elsewhere there are none: no count of them, no list, no story. What is usual is usual for all."""
    asked = Asked(CODE, DAY, DAY)
    run(place, [CODE], last=DAY)
    everything = stuck(place, LOCAL, asked, "not_credited", most=10_000)
    unit = str(everything.rows[0].values["unit"])
    bound = replace(LOCAL, units=(unit,))
    mine = stuck(place, bound, asked, "not_credited", most=10_000)
    assert {row.chain_id for row in mine.rows} == {r.chain_id for r in everything.rows if r.values["unit"] == unit}
    assert 0 < mine.total < everything.total
    assert board(place, bound, asked).chains < board(place, LOCAL, asked).chains
    assert board(place, LOCAL, replace(asked, unit=unit)).chains == board(place, bound, asked).chains
    other = next(row.chain_id for row in everything.rows if row.values["unit"] != unit)
    with pytest.raises(InputError) as refused:
        story(place, bound, asked, other)
    assert refused.value.issues[0].code == "TRC002"
    with pytest.raises(AccessError):
        stuck(place, replace(LOCAL, rights=frozenset({"macro", "dynamic"})), asked, "not_credited")
    with pytest.raises(InputError):
        board(place, bound, replace(asked, unit=place.catalogue.root_unit))


def test_personal_values_are_shown_for_a_reason_that_is_kept(place: Workplace) -> None:
    asked = Asked(CODE, DAY, DAY)
    run(place, [CODE], last=DAY)
    shown = stuck(place, LOCAL, asked, "not_credited", most=3, reason="recovery of 1 March")
    assert all("*" not in str(row.values["subscriber"]) for row in shown.rows)
    last = place.store.audit.of("unmask")[-1]
    assert (last.act, last.detail["reason"], last.detail["rows"]) == ("unmask", "recovery of 1 March", 3)
    with pytest.raises(AccessError):
        stuck(place, replace(LOCAL, rights=LOCAL.rights - {"unmask"}), asked, "not_credited", reason="curiosity")


@pytest.mark.requirement("S001-080")
def test_commands_tell_the_same_in_both_languages(place: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    run(place, [CODE], last=DAY)
    asked = ["--from", "2012-03-01", "--to", "2012-03-01", "-w", str(place.root)]
    assert command(["trace", "stuck", CODE, "not_credited", "--format", "json", "--lang", "en", *asked]) == 1
    taken = capsys.readouterr()
    rows = json.loads(taken.out)
    found = stuck(place, LOCAL, Asked(CODE, DAY, DAY), "not_credited", most=50)
    assert [row["chain_id"] for row in rows] == [row.chain_id for row in found.rows]
    assert f"{found.total:,} transactions" in taken.err
    told = {}
    for lang in ("zh", "en"):
        assert command(["trace", "show", CODE, found.rows[0].chain_id, "--lang", lang, *asked]) == 0
        told[lang] = capsys.readouterr().out.splitlines()
    assert len(told["zh"]) == len(told["en"]) > 2
    step = found.rows[0].step
    assert step.zh in told["zh"][-2]
    assert step.en in told["en"][-2]
    assert command(["trace", "show", CODE, "nobody", *asked]) == 2
