"""The product's examination: a province with dirt and incidents is received whole, and judged by the truth about it."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

from ganzhi.base.periods import Grain
from ganzhi.ingest import quarantine
from ganzhi.ingest.receive import FeedTally, Parcel, Sorted, by_feed, load_parcels, sort_delivery
from ganzhi.measure.observe import Observation, ObserveRequest, observe
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.province.delivery.dirt import NO_MOMENT, Dirt
from ganzhi.province.delivery.family import Family
from ganzhi.province.delivery.office import FAMILIES
from ganzhi.province.simulate import Request, simulate
from ganzhi.store.ledger import LoadRecord
from ganzhi.wiring import Workspace, init_workspace, opened
from tests.province.delivered import Province, on_disk
from tests.province.stage import pack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("province-exam")]

FIRST, LAST = date(2012, 2, 28), date(2012, 3, 1)
DIRT = Dirt(doubled=0.002, spoiled=0.01, garbled=0.001, late=0.02, resent=0.06)
MEASURED = ("recharges", "payments", "calls", "complaints", "subscriber_counts", "queue_tickets")
"""Feeds whose indicators are examined; they are loaded and computed before the others."""
TAKEN = f"""
    arrives <= date '{LAST}' and (arrives <> date '2012-02-29' or feed in ({", ".join(f"'{feed}'" for feed in MEASURED)}))
"""
"""What of the truth about files is examined: of feeds that are not measured, what arrives on the first and the last day
(so that a file that came short is there with the whole one). Each file is a load of its own, and costs as much."""
REJECTED_CODES = {
    "acc_bank_busi_rec": ("result_code", "7"),
    "charge_card_rec": ("access_no", "5050"),
    "am_ps_payment": ("status", "unknown_9"),
    "owe_alarm_his": ("new_status", "7"),
}
"""Codes nobody announced that cost the row. Others are only told: of a channel that becomes `other`, of an error cause."""


@dataclass(frozen=True)
class Exam:
    root: Path
    workspace: Workspace
    delivery: Sorted
    tallies: dict[str, FeedTally]
    observed: dict[str, list[Observation]]
    hand: Province

    def loads(self, parcel: Parcel) -> list[LoadRecord]:
        """What the ledger says of a file, the first version first."""
        found = self.workspace.workplace.store.ledger.by_file_name(parcel.path.name, parcel.feed, limit=10)
        return sorted((each for each in found if each.mapping == parcel.mapping), key=lambda each: each.started_at)


CODES = (
    "recharge.payments", "recharge.amount_yuan", "resume.pay.done", "resume.book.payments", "hotline.calls",
    "hotline.answered", "hotline.answer_rate", "complaint.count", "complaint.per_10k", "halls.wait.mean_s",
    "halls.served",
)  # fmt: skip


@pytest.fixture(scope="module")
def exam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Exam]:
    root = tmp_path_factory.mktemp("exam")
    named = (("recharge-2012", None), ("delivery-late", date(2012, 2, 29)))
    simulate(root / "province", Request(0.001, 3, 17, FIRST, named, DIRT))
    init_workspace(root / "workspace", name="exam")
    shutil.copytree(root / "province/catalogue", root / "workspace/catalogue", dirs_exist_ok=True)
    (root / "work").mkdir()
    with opened(root / "workspace") as workspace, on_disk(root / "province", root / "work", dirty=True) as hand:
        place = workspace.workplace
        delivery = sort_delivery(place.catalogue, root / "province/delivered")
        delivery = replace(delivery, parcels=tuple(parcel for parcel in delivery.parcels if _taken(parcel)))
        feeds = sorted(by_feed(delivery.parcels), key=lambda parcels: parcels[0].feed not in MEASURED)
        tallies: dict[str, FeedTally] = {}
        for parcels in feeds[: len(MEASURED)]:
            tallies[parcels[0].feed] = load_parcels(place, parcels)
        refresh(place)
        with open_states(place) as reading:
            found = observe(place, reading, ObserveRequest(CODES, "all", Grain.DAY, FIRST, LAST))
        observed = {code: [each for each in found if each.code == code] for code in CODES}
        for parcels in feeds[len(MEASURED) :]:
            tallies[parcels[0].feed] = load_parcels(place, parcels)
        yield Exam(root / "province", workspace, delivery, tallies, observed, hand)


def _taken(parcel: Parcel) -> bool:
    return parcel.feed in MEASURED or parcel.path.parent.name != "20120229"


def _family(parcel: Parcel) -> Family:
    mapping = pack().mappings[parcel.mapping]
    return next(family for family in FAMILIES if family.feed == parcel.feed and family.name == mapping.files)


def _own_lines(parcel: Parcel) -> list[tuple[int, list[str]]]:
    """The file's lines that are records of the parcel's feed, with their numbers. Only for files without free text."""
    family = _family(parcel)
    header, *lines = parcel.path.read_bytes().decode(family.encoding).splitlines()
    names = header.split(family.delimiter)
    own = [(number, line.split(family.delimiter)) for number, line in enumerate(lines, start=2)]
    code = next((each for each in family.columns if each.name == "busi_code"), None)
    return own if code is None else [(n, row) for n, row in own if row[names.index("busi_code")] == code.const]


def _bad_lines(parcel: Parcel) -> set[int]:
    """Numbers of the lines that must be rejected."""
    family = _family(parcel)
    names = [filed.name for filed in family.columns]
    stem = next((stem for stem in REJECTED_CODES if parcel.path.name.startswith(stem)), None)
    bad = set()
    for number, row in _own_lines(parcel):
        spoiled = stem is not None and row[names.index(REJECTED_CODES[stem][0])] == REJECTED_CODES[stem][1]
        if spoiled or NO_MOMENT[family.compact] in row:
            bad.add(number)
    return bad


def _plain(exam: Exam) -> list[Parcel]:
    return [parcel for parcel in exam.delivery.parcels if not _family(parcel).free_text]


@pytest.mark.requirement("S000-060", "S000-069")
def test_every_file_is_known_and_none_is_refused(exam: Exam) -> None:
    assert exam.delivery.unknown == ()
    arrived = exam.hand.ask(f"select distinct feed from truth_deliveries where {TAKEN}")
    assert set(exam.tallies) == {feed for (feed,) in arrived}
    assert len(arrived) > 70
    for feed, tally in exam.tallies.items():
        assert tally.refused == (), feed
        assert tally.already == 0, feed
        assert tally.rows.balances, feed


@pytest.mark.requirement("S000-069")
def test_each_feed_reads_the_rows_that_were_written_for_it(exam: Exam) -> None:
    """The truth about files, version by version; a table that holds two kinds of records is read by both feeds, and
    each filters the other's rows."""
    whole = """
        select file, version, sum(rows) as rows, any_value(held_share) as held
        from truth_deliveries where arrives <= date '2012-03-01' group by all
    """
    expected = f"""
        select d.feed, sum(round(f.rows * f.held))::bigint, sum(round((f.rows - d.rows) * f.held))::bigint
        from (select * from truth_deliveries where {TAKEN}) d join ({whole}) f using (file, version) group by d.feed
    """
    short = exam.hand.one(f"select count(*) from truth_deliveries where held_share < 1 and {TAKEN}")
    assert short >= 3
    shared = set()
    for feed, rows, others in exam.hand.ask(expected):
        if rows == 0 and feed not in exam.tallies:
            continue
        tally = exam.tallies[feed].rows
        assert tally.read == rows, feed
        if others:
            shared.add(feed)
            split_short = exam.hand.one(
                f"select count(*) from truth_deliveries where feed = '{feed}' and file like 'cm_busi%' and held_share < 1"
            )
            assert split_short or tally.filtered == others, feed
        else:
            assert tally.filtered == 0, feed
    assert shared == {"recharges", "suspend_resume_orders"}


def test_exactly_the_garbled_rows_and_those_of_unknown_codes_are_rejected(exam: Exam) -> None:
    found = 0
    for parcel in _plain(exam):
        bad = len(_bad_lines(parcel))
        found += bad
        versions = [load for load in exam.loads(parcel) if load.read]
        counted = {load.rejected for load in versions}
        assert bad in counted or not versions, parcel.path
    truth = exam.hand.one(f"select sum(garbled) from truth_deliveries where {TAKEN} and held_share = 1")
    assert found > truth > 50
    for feed, tally in exam.tallies.items():
        if all(not family.free_text for family in FAMILIES if family.feed == feed):
            mine = sum(len(_bad_lines(parcel)) for parcel in exam.delivery.parcels if parcel.feed == feed)
            assert tally.rows.rejected == mine, feed


@pytest.mark.requirement("S002-117")
def test_the_error_list_names_file_and_line_of_every_rejected_row(exam: Exam) -> None:
    rows, total = quarantine.rows(exam.workspace.workplace, limit=10_000)
    assert total == len(rows) == sum(tally.rows.rejected for tally in exam.tallies.values())
    named = {(row.feed, row.file, row.line) for row in rows}
    expected = {(p.feed, p.path.name, line) for p in _plain(exam) for line in _bad_lines(p)}
    assert expected <= named
    free = {family.feed for family in FAMILIES if family.free_text}
    assert {feed for feed, _, _ in named - expected} <= free
    garbled = [row for row in rows if row.value in NO_MOMENT.values()]
    assert len(garbled) > 50
    assert all(row.field and row.reason and row.raw for row in rows)


@pytest.mark.requirement("S000-061")
def test_unknown_codes_are_reported_with_their_number(exam: Exam) -> None:
    for stem, column, code in (
        ("epay_charge_record", "channel", "9"),
        ("acc_bank_busi_rec", "result", "7"),
        ("charge_card_rec", "entry", "5050"),
        ("owe_alarm_his", "new_state", "7"),
    ):
        parcels = [each for each in exam.delivery.parcels if each.path.name.startswith(stem)]
        written: Counter[str] = Counter()
        told: Counter[str] = Counter()
        for parcel in parcels:
            names = [filed.name for filed in _family(parcel).columns]
            at = names.index(next(iter(_family(parcel).spoiled)))
            written[parcel.path.name] += sum(row[at] == code for _, row in _own_lines(parcel))
        for parcel in {each.path.name: each for each in parcels}.values():
            for load in exam.loads(parcel):
                unknown = load.report["unknown_codes"]
                assert isinstance(unknown, dict)
                told[parcel.path.name] += unknown.get(column, {}).get(code, 0)
        assert +told == +written, stem
        assert told.total() > 0, stem


def _days(exam: Exam, code: str) -> list[float | None]:
    return [each.value for each in exam.observed[code]]


GOOD_RECHARGES = "recharges where paid_at is not null and result <> '7' and entry is distinct from '5050'"
HAND = {
    "recharge.payments": f"select paid_at::date, count(distinct payment_id) from {GOOD_RECHARGES} group by 1",
    "recharge.amount_yuan": f"""
        select day, sum(amount_fen) / 100 from (
            select distinct payment_id, paid_at::date as day, amount_fen from {GOOD_RECHARGES} and result = 'done')
        group by 1""",
    "resume.pay.done": f"""
        select paid_at::date, count(distinct payment_id) from {GOOD_RECHARGES} and result = 'done' group by 1""",
    "resume.book.payments": """
        select booked_at::date, count(distinct payment_no) from payments where paid_at is not null and state = 'booked'
        group by 1""",
    "hotline.calls": """
        select arrived_at::date, count(distinct call_id) from calls where arrived_at is not null and outcome <> 'PHANTOM'
        group by 1""",
    "hotline.answered": """
        select arrived_at::date, count(distinct call_id) from calls where arrived_at is not null and outcome = 'AGENT'
        group by 1""",
    "hotline.answer_rate": """
        select arrived_at::date, 100 * count(distinct call_id) filter (where outcome = 'AGENT') / count(distinct call_id)
        from calls where arrived_at is not null and (outcome = 'AGENT' or outcome = 'HANG' and queue_at is not null)
        group by 1""",
    "complaint.count": """
        select received_at::date, count(distinct complaint_id) from complaints where received_at is not null group by 1""",
    "complaint.per_10k": """
        select c.day, 10000 * c.n / s.n from
            (select received_at::date as day, count(distinct complaint_id) as n from complaints group by 1) c join
            (select cast(day as date) as day, sum(subscribers) as n from
                (select distinct * from subscriber_counts where counted_at is not null) group by 1) s using (day)""",
    "halls.wait.mean_s": """
        select issued_at::date, avg(date_diff('second', issued_at, called_at)) from
            (select distinct * from queue_tickets where issued_at is not null and not abandoned) group by 1""",
}  # fmt: skip


@pytest.mark.parametrize("code", HAND)
def test_an_indicator_is_what_the_delivered_files_say(exam: Exam, code: str) -> None:
    by_hand = dict(exam.hand.ask(HAND[code]))
    come = (FIRST,) if code.startswith("halls.") else (FIRST, date(2012, 2, 29), LAST)
    mine = _days(exam, code)
    assert mine[: len(come)] == pytest.approx([float(by_hand[day]) for day in come], rel=1e-9)
    assert mine[len(come) :] == [None] * (3 - len(come))


def _whole_days(exam: Exam, feed: str) -> list[date]:
    """Days of which every file of the feed has come whole."""
    query = f"""
        select day from truth_deliveries where feed = '{feed}' group by day
        having count(distinct file) filter (where arrives <= date '2012-03-01' and held_share = 1) = count(distinct file)
        order by day
    """
    return [day for (day,) in exam.hand.ask(query)]


@pytest.mark.parametrize(
    ("code", "feed", "true"),
    [
        ("resume.pay.done", "recharges", "select paid_at::date, count(*) from truth_recharge_chains group by 1"),
        (
            "recharge.amount_yuan",
            "recharges",
            "select paid_at::date, sum(amount_fen) / 100 from truth_recharge_chains group by 1",
        ),
        (
            "resume.book.payments",
            "payments",
            "select booked_at::date, count(*) from truth_recharge_chains where payment_no is not null group by 1",
        ),
        (
            "complaint.count",
            "complaints",
            "select received_at::date, count(*) from truth_complaints group by 1",
        ),
    ],
)
def test_what_came_whole_is_the_truth_but_for_rejected_rows(exam: Exam, code: str, feed: str, true: str) -> None:
    days = _whole_days(exam, feed)
    truth = dict(exam.hand.ask(true))
    values = dict(zip((FIRST, date(2012, 2, 29), LAST), _days(exam, code), strict=True))
    assert days
    for day in days:
        assert 0.96 * float(truth[day]) <= (values[day] or 0) <= float(truth[day]), day


def test_the_operators_own_wrap_up_codes_are_named_in_its_catalogue(exam: Exam) -> None:
    written = {code for (code,) in exam.hand.ask("select distinct wrap_code from wrap_ups where wrap_code is not null")}
    named = exam.workspace.workplace.catalogue.dimensions["wrap_code"].values
    assert len(written & set(named)) > 15
    assert {code for code in written if "-" in code} <= set(named)
    assert all(name.zh != name.en for name in named.values())


@pytest.mark.requirement("S000-144")
def test_a_report_shows_that_a_feed_has_not_come(exam: Exam) -> None:
    """Tickets of two days are late by an incident: no value is shown for these days, and nothing is called complete."""
    served = exam.observed["halls.served"]
    assert [each.completeness for each in served] == [1, 0, 0]
    assert served[0].value
    assert [each.value for each in served[1:]] == [None, None]
    assert exam.hand.ask(
        "select distinct incident from truth_deliveries where feed = 'queue_tickets' and arrives > day"
    ) == [(1,)]
