"""Promotion of electronic channels, hall by hall: files come in, the pages show the rate at once, and it is assessed."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ganzhi.access.rights import LOCAL
from ganzhi.base.clock import FixedClock
from ganzhi.base.periods import Grain
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.ingest.load import load
from ganzhi.measure.answers import Answers
from ganzhi.measure.build.records import records_page
from ganzhi.measure.open import open_states
from ganzhi.measure.refresh import refresh
from ganzhi.measure.score import ScoreRequest, score_all
from ganzhi.measure.views.query import PageQuery, RecordsQuery
from ganzhi.measure.views.records import RecordsPage
from ganzhi.portal.app import create_app
from ganzhi.portal.door import Door, Visitor
from ganzhi.portal.ports.panorama import panorama_ports
from ganzhi.portal.ports.watch import watch_ports
from ganzhi.warehouse.duckdb.serving import ServingCache
from ganzhi.warehouse.workplace import Workplace
from ganzhi.warn.limits.desk import ThresholdDesk
from tests.measure.place import make_workplace, put_rows, text
from tests.portal.asking import Read
from tests.portal.fakes import FakeHouse

DAY = date(2026, 11, 17)
FOOTFALL, ASSESSED = "queue21.d14_footfall", "channels.contribution.electronic.all"
RATE, ACCEPTED, USED = (f"channels.promotion.{name}" for name in ("hall_rate", "accept_rate", "use_rate"))
TICKETS = {"H1": 100, "H2": 50}
Promoted = tuple[str, bool, bool]
"""Hall, whether it was accepted, whether used within 30 days."""
MORNING: tuple[Promoted, ...] = (
    *[("H1", True, True)] * 6,
    *[("H1", True, False)] * 2,
    *[("H1", False, False)] * 8,
    ("H2", False, False),
)
AFTERNOON: tuple[Promoted, ...] = (*[("H1", True, True)] * 8, *[("H2", True, False)] * 3)


def written(path: Path, columns: str, rows: list[tuple[object, ...]]) -> Path:
    """A file as the halls deliver it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([tuple(columns.split()), *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def promotions(folder: Path, name: str, hour: int, made: tuple[Promoted, ...]) -> Path:
    columns = "promotion_id unit promoted_at channel staff customer_id ticket_id accepted activated_at first_used_at"
    at, used = f"{DAY} {hour:02d}:10:00", f"{DAY} {hour:02d}:40:00"
    return written(
        folder / name,
        columns,
        [
            (
                f"{name}-{n}",
                hall,
                at,
                "app",
                "S1",
                f"C{n}",
                "",
                str(yes).lower(),
                at if yes else "",
                used if in_use else "",
            )
            for n, (hall, yes, in_use) in enumerate(made)
        ],
    )


@pytest.fixture
def halls(tmp_path: Path) -> Workplace:
    """Two halls with their tickets of a day and the promotions of its morning."""
    pack = load_catalogue("telecom", None)
    units = {"all": Unit(name=text("all"), level="province")}
    units |= {hall: Unit(name=text(hall), level="hall", parent="all") for hall in TICKETS}
    kept = {code: pack.indicators[code] for code in (RATE, ACCEPTED, USED)}
    kept |= {code: pack.indicators[code].model_copy(update={"supports": ()}) for code in (FOOTFALL, ASSESSED)}
    catalogue = replace(pack, units=units, indicators=kept, topics={}, warning_rules={})
    place = replace(make_workplace(tmp_path, catalogue), clock=FixedClock(datetime(2026, 11, 18, 2, 0, tzinfo=UTC)))
    at = datetime(2026, 11, 17, 1, 0, tzinfo=UTC)
    rows = [
        {"ticket_id": f"{hall}-{n}", "unit": hall, "business_group": "order", "issued_at": at, "abandoned": False}
        for hall, count in TICKETS.items()
        for n in range(count)
    ]
    put_rows(place, "queue_tickets", rows)
    load(place, "electronic_promotions", [promotions(tmp_path, "am.csv", 9, MORNING)], "electronic_promotions_csv")
    refresh(place)
    return place


def browser(place: Workplace) -> TestClient:
    """The pages of halls on real answers."""
    answers = Answers(
        place, ServingCache(place.root / "warehouse", place.zone, place.clock, memory_mb=256, deadline_s=None)
    )
    watch = watch_ports(ThresholdDesk(place, answers.open), answers, LOCAL)

    def listed(_feed: str, code: str, query: PageQuery, asked: RecordsQuery) -> RecordsPage:
        return answers.fresh(LOCAL, lambda reader: records_page(reader, code, query, asked))

    context = replace(
        FakeHouse().context(), panorama=panorama_ports(answers, LOCAL), watch=watch, records=listed, clock=place.clock
    )
    door = Door(lambda _cookies, _host: Visitor(LOCAL, "0123456789abcdef"), lambda _viewer: context)
    return TestClient(create_app(door), headers={"Accept-Language": "en"})


def counted(hall: str, made: tuple[Promoted, ...]) -> tuple[int, int, int]:
    """Promotions, those accepted, those used: by hand."""
    own = [each for each in made if each[0] == hall]
    return len(own), sum(yes for _, yes, _ in own), sum(yes and used for _, yes, used in own)


def scored(rate: float) -> float:
    """Floor 5 is 60 points, target 12 is 100, challenge 20 is 120; below the floor on to 0."""
    if rate >= 12:
        return min(100 + (rate - 12) * 20 / 8, 120)
    return max(60 + (rate - 5) * 40 / 7, 0)


def check(http: TestClient, hall: str, made: tuple[Promoted, ...]) -> None:
    """What the page of a hall's day says, and what its links open to."""
    promoted, accepted, used = counted(hall, made)
    page = http.get(f"/halls/{hall}/today")
    assert page.status_code == 200
    card = page.text[page.text.index('aria-labelledby="h-promo"') :]
    links = re.findall(r'<a href="(/records/[^"]*)">([\d,]+)</a>', card)
    assert [int(count) for _, count in links] == [count for count in (promoted, accepted) if count]
    for link, count in links:
        assert f" {count} records" in next(Read(http.get(link.replace("&amp;", "&")).text).all("h1")).text
    tables = {each["id"]: each["rows"] for each in http.get(f"/halls/{hall}/today.json").json()["tables"]}
    rows = {row["code"]: row for row in tables["promotion"]}
    rate = 100 * accepted / TICKETS[hall]
    assert rows[RATE]["day"] == rows[RATE]["month"] == pytest.approx(rate)
    assert (rows[RATE]["numerator"], rows[RATE]["denominator"]) == (accepted, TICKETS[hall])
    assert rows[ACCEPTED]["day"] == pytest.approx(100 * accepted / promoted)
    assert rows[USED]["day"] == (pytest.approx(100 * used / accepted) if accepted else None)
    told = re.search(r"scores ([\d.]+) against its target", card)
    assert told is not None
    assert float(told[1]) == pytest.approx(scored(rate), abs=0.06)


@pytest.mark.requirement("S002-082")
def test_each_halls_promotion_rate_is_shown_as_files_come_in_and_counts_in_the_assessment(
    halls: Workplace, tmp_path: Path
) -> None:
    http = browser(halls)
    for hall in TICKETS:
        check(http, hall, MORNING)
    place = halls
    load(place, "electronic_promotions", [promotions(tmp_path, "pm.csv", 15, AFTERNOON)], "electronic_promotions_csv")
    refresh(place)
    made = (*MORNING, *AFTERNOON)
    for hall in TICKETS:
        check(http, hall, made)
    # The report of all halls, a row each.
    answer = http.get(f"/halls.csv?period={DAY}").content.decode("utf-8-sig")
    head = next(
        csv.reader([line for line in answer.splitlines() if "Promotion of electronic channels in halls" in line])
    )
    at = head.index("Promotion of electronic channels in halls")
    listed = {row[0]: row for row in csv.reader(answer.splitlines()) if row and row[0] in TICKETS}
    for hall, tickets in TICKETS.items():
        assert float(listed[hall][at]) == pytest.approx(100 * counted(hall, made)[1] / tickets)
    # The indicator it is assessed under takes it in with its weight.
    with open_states(place) as reading:
        request = ScoreRequest((RATE,), "H1", Grain.DAY, DAY, DAY)
        found = {each.code: each for each in score_all(place, reading, request)}
    own = found[RATE].score
    assert own is not None
    assert own.unclipped == pytest.approx(scored(16))
    assert place.catalogue.children(ASSESSED)[RATE] == 0.2
