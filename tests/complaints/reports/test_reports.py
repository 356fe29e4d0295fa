"""Reports and sources on rows: every figure is counted again by hand, opens to as many records, and stays as it was kept."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ganzhi.access.rights import LOCAL, ROLES, AccessError, Viewer
from ganzhi.base.clock import FixedClock
from ganzhi.base.errors import InputError
from ganzhi.base.periods import Period, parse_period
from ganzhi.base.settings import NotifySettings
from ganzhi.catalogue.load import load_catalogue
from ganzhi.catalogue.model.data import Unit
from ganzhi.complaints.analysis.source import source_of, source_of_spot
from ganzhi.complaints.reports.build import build
from ganzhi.complaints.reports.document import Report, Row, Table, from_json, shown_to, to_json
from ganzhi.complaints.reports.due import Maker, units_kept
from ganzhi.complaints.reports.view import keep_now, report_view
from ganzhi.measure.build.scope import Reader
from ganzhi.measure.open import open_states
from ganzhi.measure.records import RecordsRequest, records
from ganzhi.measure.refresh import refresh
from ganzhi.notify.complaints import complaint_notices
from ganzhi.portal.pages.complaints.reports import course_chart
from ganzhi.portal.present import Words
from ganzhi.warehouse.workplace import Workplace
from tests.complaints.reports.made import CITIES, LAST, USERS, Any_, at, beside, complaint, made
from tests.measure.place import make_workplace, put_rows

COUNTED = (
    "complaint.count", "complaint.quality", "complaint.repeated", "complaint.escalated", "complaint.batch", "complaint.per_10k",
    "complaint.per_10k_users", "customers.subscribers", "customers.product_users", "billing.satisfaction",
    "billing.charging_tests_passed",
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    pack = load_catalogue("telecom", None)
    named = [("P", "省", "province", None), *((city, f"市{city}", "city", "P") for city in CITIES)]
    units = {
        code: Unit.model_validate({"name": {"zh": zh, "en": code}, "level": level, "parent": parent})
        for code, zh, level, parent in named
    }
    kept = {code: pack.indicators[code].model_copy(update={"supports": ()}) for code in COUNTED}
    workplace = make_workplace(
        tmp_path_factory.mktemp("reports"), replace(pack, units=units, indicators=kept, topics={})
    )
    workplace = replace(workplace, clock=FixedClock(at(LAST + timedelta(days=1), 12)))
    put_rows(workplace, "complaints", made())
    for feed, rows in beside().items():
        put_rows(workplace, feed, rows)
    refresh(workplace)
    yield workplace
    workplace.store.close()


@pytest.fixture(scope="module")
def reader(place: Workplace) -> Iterator[Reader]:
    with open_states(place) as states:
        yield Reader(place, states, LOCAL)


def of(place: Workplace, text: str) -> Period:
    return parse_period(text, place.zone)


BUILT: dict[tuple[str, str], Report] = {}


def report(reader: Reader, kind: str, period: str, *, afresh: bool = False) -> Report:
    if afresh or (kind, period) not in BUILT:
        BUILT[kind, period] = build(reader.workplace, reader.states, kind, "P", of(reader.workplace, period))  # type: ignore[arg-type]
    return BUILT[kind, period]


def table(found: Report, key: str) -> Table:
    return next(each for section in found.sections for each in section.tables if each.key == key)


def cells(found: Table, row: Row) -> dict[str, Any]:
    return {column.key: cell for column, cell in zip(found.columns, row.cells, strict=True)}


def opens_to(reader: Reader, row: Row) -> int:
    assert row.opens is not None
    asked = RecordsRequest(
        row.opens.indicator, row.opens.unit, of(reader.workplace, row.opens.period), where=row.opens.where
    )
    return records(reader.workplace, reader.states, asked).total


def on(day: date) -> list[Any_]:
    return [row for row in made() if row["received_at"].date() == day]


@pytest.mark.requirement("S003-012")
def test_the_situation_is_what_the_rows_say(reader: Reader) -> None:
    found = report(reader, "situation", LAST.isoformat())
    volumes = table(found, "volumes")
    whole = cells(volumes, volumes.rows[0])
    month = [row for row in made() if (row["received_at"].year, row["received_at"].month) == (2026, 10)]
    before = [row for row in made() if date(2026, 9, 1) <= row["received_at"].date() <= date(2026, 9, LAST.day)]
    assert whole["value"] == len(on(LAST)) == opens_to(reader, volumes.rows[0])
    assert whole["before"] == len(on(LAST - timedelta(days=1)))
    assert whole["week"] == len(on(LAST - timedelta(days=7)))
    assert (whole["month"], whole["month_before"]) == (len(month), len(before))
    assert whole["change"] == pytest.approx(len(on(LAST)) / len(on(LAST - timedelta(days=1))) - 1, abs=1e-6)
    products = table(found, "by_product")
    told = Counter(row["product"] for row in on(LAST))
    for row in products.rows:
        assert row.opens is not None
        assert cells(products, row)["value"] == told[row.opens.where["product"]] == opens_to(reader, row)
    course = found.sections[0].courses[0].points
    assert [point.value for point in course] == [len(on(date.fromisoformat(point.day))) for point in course]
    spots = table(found, "spots")
    grown = [row for row in spots.rows if cells(spots, row)["why"] in ("grown", "both")]
    assert any(cells(spots, row)["where"].en.startswith("Late or missing") for row in grown)
    assert all(cells(spots, row)["count"] == opens_to(reader, row) for row in spots.rows if row.opens)


@pytest.mark.requirement("S001-023")
def test_hot_spots_are_watched_from_period_to_period_in_three_dimensions(reader: Reader) -> None:
    turns = {}
    for kind, period in (("situation", LAST.isoformat()), ("weekly", "2026-W41"), ("monthly", "2026-10")):
        spots = table(report(reader, kind, period), "spots")
        turns[kind] = {(c["sides"], c["where"].en): c["turn"] for c in (cells(spots, row) for row in spots.rows)}
    assert turns["weekly"]["reason", "Late or missing messages"] == "new"
    assert {side for sides in turns.values() for side, _ in sides} >= {"reason", "product", "place"}
    calm = table(report(reader, "weekly", "2026-W40"), "spots")
    assert not any(cells(calm, row)["where"].en == "Late or missing messages" for row in calm.rows)


@pytest.mark.requirement("S003-020", "S003-021")
def test_the_week_tells_quality_complaints_with_cases_that_anybody_draws(reader: Reader) -> None:
    found = report(reader, "weekly", "2026-W41")
    week = [row for row in made() if date(2026, 10, 5) <= row["received_at"].date() <= LAST]
    kinds = Counter(
        {"charge_doubt": "fees", "service_attitude": "service", "marketing": "marketing"}.get(r["category"], "quality")
        for r in week
    )
    excluded = table(found, "excluded")
    assert {cells(excluded, row)["group"]: cells(excluded, row)["count"] for row in excluded.rows} == dict(kinds)
    cases = table(found, "cases")
    by_id = {row["complaint_id"]: row for row in week}
    drawn = [cells(cases, row) for row in cases.rows]
    assert drawn
    for each in drawn:
        own = by_id[each["complaint"]]
        assert own["category"] not in ("charge_doubt", "service_attitude", "marketing")
        assert own["content"][5:16] not in each["said"] or "138" not in own["content"]
        assert each["tested"] == (
            "reproducible" if own["customer_id"] == "u10" and own["product"] == "messaging" else "not_tested"
        )
    assert found == report(reader, "weekly", "2026-W41", afresh=True)
    remark = next(each for section in found.sections for each in section.remarks if section.key == "domains")
    assert (remark.key, remark.params["total"]) == ("adds_up", len(week))


@pytest.mark.requirement("S003-025", "S003-026", "S003-029")
def test_the_month_is_counted_by_product_customer_and_feature(reader: Reader) -> None:
    found = report(reader, "monthly", "2026-10")
    month = [row for row in made() if row["received_at"].month == 10]
    products = table(found, "products")
    told = Counter(row["product"] for row in month)
    assert [(cells(products, r)["count"], cells(products, r)["by_volume"]) for r in products.rows] == [
        (number, place + 1) for place, (_, number) in enumerate(told.most_common())
    ]
    deep = table(found, "deep")
    for row in deep.rows:
        assert row.opens is not None
        assert cells(deep, row)["count"] == opens_to(reader, row)
    often = table(found, "frequency")
    pairs = Counter((row["product"], row["customer_id"], row["category"]) for row in month)
    for row in often.rows:
        own = cells(often, row)
        product = "voice" if own["product"].en.startswith("Voice") else "messaging"
        counts = [n for (each, _, _), n in pairs.items() if each == product]
        assert own["pairs"] == len(counts)
        assert [own[f"times_{n}"] for n in (1, 2, 3, 4)] == [
            *(counts.count(n) for n in (1, 2, 3)), sum(n >= 4 for n in counts)
        ]  # fmt: skip
    profile = table(found, "profile")
    brands = {"gotone": 0, "easyown": 1, "mzone": 2}
    complainants = {row["customer_id"] for row in month}
    by_hand = Counter(int(each[1:]) % 3 for each in complainants)
    seen = [cells(profile, row) for row in profile.rows if cells(profile, row)["feature"] == "brand"]
    assert sorted(each["complainants"] for each in seen) == sorted(by_hand[place] for place in brands.values())
    assert all(each["user_share"] == pytest.approx(1 / 3) for each in seen)


@pytest.mark.requirement("S003-027")
def test_courses_stand_beside_the_month_before_by_product(reader: Reader) -> None:
    sections = {each.key: each for each in report(reader, "monthly", "2026-10").sections}
    (whole,) = sections["products"].courses
    products = {each.name.en: each for each in sections["top"].courses if each.name is not None}
    assert len(products) == 2
    for name, found in {"": whole, **products}.items():
        own = [row for row in made() if not name or row["product"] == product_named(reader, name)]
        told = Counter(row["received_at"].date() for row in own)
        assert [point.day for point in found.points] == [date(2026, 10, n).isoformat() for n in range(1, 32)]
        for point in found.points:
            day = date.fromisoformat(point.day)
            assert point.value == (told[day] if day <= LAST else None)
            assert point.before == (told[date(2026, 9, day.day)] if day.day <= 30 else None)
        chart = course_chart(Words("zh", reader.workplace.zone), found)
        assert chart is not None
        assert [point.before for point in chart.points] == [point.before for point in found.points]


def product_named(reader: Reader, name: str) -> str:
    return next(code for code, each in reader.workplace.catalogue.products.items() if each.name.en == name)


@pytest.mark.requirement("S003-028", "S000-103")
def test_places_are_told_with_their_share_of_users_and_where_complaints_have_grown(reader: Reader) -> None:
    found = table(report(reader, "weekly", "2026-W41"), "areas")
    week = Counter(row["unit"] for row in made() if date(2026, 10, 5) <= row["received_at"].date() <= LAST)
    for row in found.rows:
        own = cells(found, row)
        assert row.opens is not None
        assert own["count"] == week[row.opens.unit] == opens_to(reader, row)
        assert own["share"] == pytest.approx(week[row.opens.unit] / week.total(), abs=1e-6)
        assert own["user_share"] == pytest.approx(USERS[row.opens.unit] / sum(USERS.values()), abs=1e-6)
        assert own["per_10k"] == pytest.approx(week[row.opens.unit] / USERS[row.opens.unit] * 10_000, rel=1e-3)
    marked = {row.opens.unit: cells(found, row)["why"] for row in found.rows if row.opens and row.marked}
    assert marked == {"C2": "grown", "C1": "grown"}  # of both more complaints were made, of C3 none
    calm = table(report(reader, "weekly", "2026-W40"), "areas")
    assert not any(cells(calm, row)["why"] == "grown" for row in calm.rows)


@pytest.mark.requirement("S000-101")
def test_domains_are_told_with_examples(reader: Reader) -> None:
    domains = reader.workplace.catalogue.problem_domains
    of = {category: code for code, each in domains.items() for category in each.categories}
    named = {each.name.en: code for code, each in domains.items()}
    by_id = {row["complaint_id"]: row for row in made()}
    for kind, period, first in (("weekly", "2026-W41", date(2026, 10, 5)), ("monthly", "2026-10", date(2026, 10, 1))):
        whole = report(reader, kind, period)
        found = table(whole, "domains")
        told = Counter(of[row["category"]] for row in made() if first <= row["received_at"].date() <= LAST)
        assert {named[cells(found, row)["domain"].en]: cells(found, row)["count"] for row in found.rows} == told
        for row in found.rows:
            own = cells(found, row)
            example = by_id[own["complaint"]]
            assert of[example["category"]] == named[own["domain"].en]
            assert first <= example["received_at"].date() <= LAST
            items = domains[of[example["category"]]].categories[example["category"]].items
            assert all(item.zh in own["kinds"].zh for item in items) if items else own["kinds"] == ""
        hidden = table(shown_to(whole, lists=False), "domains")
        assert not any(cells(hidden, row)["complaint"] for row in hidden.rows)


@pytest.mark.requirement("S001-024")
def test_a_complaint_leads_back_to_what_is_declared_and_to_what_stood_before(reader: Reader) -> None:
    own = next(
        row for row in made() if row["category"] == "sms_late" and row["customer_id"] == "u10" and row["unit"] == "C2"
    )
    found = source_of(reader, own["complaint_id"])
    catalogue = reader.workplace.catalogue
    process = catalogue.processes["realtime_charging"]
    by_kind = {
        kind: {each.code for each in found.links if each.kind == kind}
        for kind in ("process", "system", "step", "department")
    }
    assert by_kind["process"] == {"realtime_charging"}
    assert by_kind["step"] == set(process.steps)
    assert by_kind["system"] == set(process.systems) | {step.system for step in process.steps.values()}
    assert "计费账务中心" in by_kind["department"]
    standing = {(each.kind, each.code): each for each in found.standing}
    assert standing["change", "ch1"].why == "system"
    assert ("change", "ch2") not in standing
    assert ("change", "ch3") not in standing
    assert standing["campaign", "cp1"].why == "product"
    assert all(each.hours >= 0 for each in found.standing)
    near = {(each.feed, each.chain) for each in found.near}
    assert ("trouble_reports", "") in near
    others = {row["complaint_id"] for row in made() if row["customer_id"] == "u10"} - {own["complaint_id"]}
    assert {chain for feed, chain in near if feed == "complaints"} <= others
    assert found.about is not None
    assert "138****5" in found.about.said
    spot = source_of_spot(reader, "C2", of(reader.workplace, "2026-W41"), {"complaint_category": "sms_late"})
    week = [
        r
        for r in made()
        if r["unit"] == "C2" and r["category"] == "sms_late" and date(2026, 10, 5) <= r["received_at"].date() <= LAST
    ]
    assert spot.count == len(week) == next(each.count for each in spot.links if each.kind == "process")


@pytest.mark.requirement("S000-104")
def test_evidence_of_all_four_sources_stands_with_a_cause_analysis(reader: Reader) -> None:
    spot = source_of_spot(reader, "C2", of(reader.workplace, "2026-W41"), {"complaint_category": "sms_late"})
    found = {(each.source, each.indicator): each for each in spot.evidence}
    assert {source for source, _ in found} == {"assessment", "handling", "business", "survey"}
    week = [
        row for row in made()
        if row["unit"] == "C2" and row["category"] == "sms_late" and date(2026, 10, 5) <= row["received_at"].date() <= LAST
    ]  # fmt: skip
    assert found["assessment", "billing.charging_tests_passed"].value == pytest.approx(98)
    assert (found["survey", "billing.satisfaction"].value, found["survey", "billing.satisfaction"].n) == (7, 2)
    assert found["handling", "complaint.count"].value == len(week)
    assert found["business", "customers.subscribers"].value == USERS["C2"]


def test_what_a_viewer_may_not_see_is_not_told(reader: Reader) -> None:
    own = made()[0]["complaint_id"]
    elsewhere = Viewer("a", "a", "analyst", ("C1",), ROLES["analyst"].rights)
    theirs = Reader(reader.workplace, reader.states, elsewhere)
    beyond = next(row["complaint_id"] for row in made() if row["unit"] == "C2")
    for asked, who in ((beyond, theirs), ("nothing", reader)):
        with pytest.raises(InputError, match="CRP002"):
            source_of(who, asked)
    with pytest.raises(AccessError):
        source_of(
            Reader(reader.workplace, reader.states, Viewer("m", "m", "manager", (), ROLES["manager"].rights)), own
        )
    with pytest.raises(InputError, match="REQ012"):
        report_view(theirs, "weekly", "P", "2026-W41", None)
    assert report_view(theirs, "weekly", None, "2026-W41", None).report.unit == "C1"
    with pytest.raises(InputError, match="CRP001"):
        report_view(reader, "weekly", None, "2026-10-11", None)
    with pytest.raises(InputError, match="CRP003"):
        source_of_spot(reader, "P", of(reader.workplace, "2026-W41"), {"colour": "red"})
    whole = report(reader, "situation", LAST.isoformat())
    less = shown_to(whole, lists=False)
    for section in less.sections:
        for each in section.tables:
            assert not (each.listed and each.rows)
            for row in each.rows:
                assert row.opens is None
                assert row.complaint is None
                counts = [n for c, n in zip(each.columns, row.cells, strict=True) if c.part and isinstance(n, int)]
                assert not any(0 < n < 5 for n in counts)
    assert shown_to(whole, lists=True) == whole


@pytest.mark.requirement("S003-016")
def test_an_edition_stays_and_what_corrects_it_stands_beside(place: Workplace) -> None:
    settings = NotifySettings.model_validate({"targets": {
        "ann": {"channel": "mail", "roles": ["owner"], "address": "ann@example.org"},
        "bob": {"channel": "mail", "roles": ["leader"], "address": "bob@example.org"},
        "cid": {"channel": "mail", "roles": ["owner"], "units": ["C2"], "address": "cid@example.org"},
    }})  # fmt: skip
    maker, told = Maker(), []

    def turn() -> list[tuple[str, str, int]]:
        with open_states(place) as states:
            heads = maker.turn(place, states, ("P",), ("intake",), announced)
        return [(each.kind, each.period, each.number) for each in heads]

    def announced(kind: Any, unit: str, period: Period, found: Report, number: int) -> Iterator[Any]:
        for notice in complaint_notices(kind, unit, period, found, number, settings, "P"):
            told.append((notice.payload["target"], period.key, number))
            yield notice

    first = turn()
    assert (("intake", LAST.isoformat(), 1)) in first
    while turn():
        pass
    assert {name for name, _, _ in told} == {"ann"}
    kept = place.store.editions.get("intake", "P", LAST.isoformat())
    assert kept is not None
    again = Maker()
    with open_states(place) as states:
        assert again.turn(place, states, ("P",), ("intake",), lambda *_: ()) == []

    late = [complaint(90_000 + k, LAST, "C3", "marketing", "voice", "u200") for k in range(3)]
    put_rows(place, "complaints", late)
    refresh(place)
    assert turn() == [("intake", LAST.isoformat(), 2)]
    one, two = (place.store.editions.get("intake", "P", LAST.isoformat(), number) for number in (1, 2))
    assert one is not None
    assert two is not None
    assert one.content == kept.content
    assert from_json(json.loads(json.dumps(to_json(from_json(one.content))))) == from_json(one.content)
    totals = [int(str(from_json(each.content).headline.params["total"])) for each in (one, two)]
    assert totals[1] == totals[0] + 3
    with open_states(place) as states:
        everyone = Reader(place, states, LOCAL)
        view = report_view(everyone, "intake", None, LAST.isoformat(), None)
        assert [each.number for each in view.editions] == [1, 2]
        assert view.edition == view.editions[-1]
        with pytest.raises(InputError, match="CRP004"):
            report_view(everyone, "intake", None, LAST.isoformat(), 7)
    assert ("ann", LAST.isoformat(), 2) in told


def test_a_person_keeps_the_edition_of_a_unit_and_levels_are_kept_as_declared(place: Workplace) -> None:
    day = (LAST - timedelta(days=9)).isoformat()
    ann = Viewer("ann", "Ann", "manager", ("C2",), ROLES["manager"].rights)
    with open_states(place) as states:
        mine = Reader(place, states, ann)
        assert report_view(mine, "situation", None, day, None).edition is None
        assert keep_now(mine, "situation", None, day) == 1
        assert keep_now(mine, "situation", "C2", day) is None
        view = report_view(mine, "situation", None, day, None)
        assert view.edition is not None
        assert (view.edition.made_by, view.report.unit, len(view.editions)) == ("ann", "C2", 1)
        with pytest.raises(InputError, match="REQ012"):
            keep_now(mine, "situation", "C1", day)
        with pytest.raises(InputError, match="CRP005"):
            keep_now(mine, "situation", None, "2031-01-01")
        with pytest.raises(AccessError, match="ACC001"):
            keep_now(Reader(place, states, replace(ann, rights=ROLES["leader"].rights)), "situation", None, day)
    assert units_kept(place.catalogue, ("P", "C3"), ()) == ("P", "C3")
    assert units_kept(place.catalogue, ("P", "C3"), ("city", "province")) == ("P", "C3", "C1", "C2")
